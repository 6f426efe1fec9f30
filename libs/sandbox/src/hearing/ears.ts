import type { Word } from '@app/contracts'
import type { ReceivedFile } from '../server/wire.ts'
import type { Hear, Heard } from './heard.ts'
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

/** Ears that remember what they heard. */
export function createEars(hear: Hear): Ears {
  const heard = new Map<string, Word[]>()
  return {
    durationMs: measureSound,
    async hear({ path, sha256, durationMs }, { language, signal }) {
      const words =
        heard.get(sha256) ?? (await hear({ path, sha256, durationMs }, signal)).map((word) => ({ ...word }))
      if (heard.size >= MAX_KEPT) heard.delete(heard.keys().next().value ?? '')
      heard.set(sha256, words)
      return {
        durationMs,
        words: writtenOut(words),
        language: language?.slice(0, 2).toLowerCase() || DEFAULT_LANGUAGE,
      }
    },
  }
}
