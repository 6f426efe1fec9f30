import { randomUUID } from 'node:crypto'
import { link, rm } from 'node:fs/promises'
import type { Word } from '@app/contracts'
import { orAborted } from '../server/or-aborted.ts'
import type { ReceivedFile } from '../server/wire.ts'
import type { Hear, Heard, Sound } from './heard.ts'
import { measureSound } from './measure-sound.ts'
import { writtenOut } from './written-out.ts'

/** What the providers listen with. */
export interface Ears {
  /** Undefined where there is no sound that can be read. */
  durationMs: (path: string, signal: AbortSignal) => Promise<number | undefined>
  /** The same sound is heard once, however often it is sent. */
  hear: (
    file: Pick<ReceivedFile, 'path' | 'sha256'> & { durationMs: number },
    options: { language?: string | undefined; signal: AbortSignal },
  ) => Promise<Heard>
}

const DEFAULT_LANGUAGE = 'en'
const MAX_KEPT = 200

/**
 * Ears that remember what they heard. What is being heard is heard to its end, also when who asked has given up, as
 * providers do: the next one who asks finds it done. `signal` ends it all.
 */
export function createEars(hear: Hear, signal: AbortSignal): Ears {
  const heard = new Map<string, Promise<Word[]>>()
  const once = (sound: Sound) => {
    const begun = heard.get(sound.sha256) ?? hearKept(hear, sound, signal)
    heard.set(sound.sha256, begun)
    // What failed is heard anew.
    begun.catch(() => heard.delete(sound.sha256))
    if (heard.size > MAX_KEPT) heard.delete(heard.keys().next().value ?? '')
    return begun
  }
  return {
    durationMs: measureSound,
    async hear({ path, sha256, durationMs }, { language, signal: asked }) {
      const words = await orAborted(once({ path, sha256, durationMs }), asked)
      const spoken = language?.slice(0, 2).toLowerCase() || DEFAULT_LANGUAGE
      return { durationMs, words: writtenOut(words), language: spoken }
    },
  }
}

/** From a second name for the file: its own goes with the request. */
async function hearKept(hear: Hear, sound: Sound, signal: AbortSignal): Promise<Word[]> {
  const kept = `${sound.path}-${randomUUID()}`
  await link(sound.path, kept)
  try {
    return await hear({ ...sound, path: kept }, signal)
  } finally {
    await rm(kept, { force: true })
  }
}
