import type { Word } from '@app/contracts'
import type { Hear, Sound } from './heard.ts'

/** What is said in a sound: one text for all of them, or by the SHA-256 of its bytes, or asked for each. */
export type KnownSpeech =
  | string
  | ReadonlyMap<string, string | Word[]>
  | ((sound: Sound) => string | Word[] | undefined | Promise<string | Word[] | undefined>)

/** Time before the first word, and after the last one. */
const EDGE_MS = 100

/** An ear that knows what is said: costs no time. Silence is heard in a sound that it does not know. */
export function hearKnown(known: KnownSpeech): Hear {
  return async (sound, signal) => {
    signal.throwIfAborted()
    const said = await saidIn(known, sound)
    return typeof said === 'string' ? spreadWords(said, sound.durationMs) : (said ?? [])
  }
}

function saidIn(known: KnownSpeech, sound: Sound) {
  if (typeof known === 'string') return known
  return typeof known === 'function' ? known(sound) : known.get(sound.sha256)
}

/** The words of a text spread over a sound, each as long as its letters. */
export function spreadWords(text: string, durationMs: number): Word[] {
  const words = text.split(/\s+/).filter((word) => word !== '')
  const letters = words.reduce((sum, word) => sum + word.length + 1, 0)
  const msPerLetter = Math.max(0, durationMs - 2 * EDGE_MS) / Math.max(1, letters)
  let at = Math.min(EDGE_MS, durationMs / 2)
  return words.map((word) => {
    const startMs = Math.round(at)
    at += (word.length + 1) * msPerLetter
    return { text: word, startMs, endMs: Math.max(startMs, Math.round(at - msPerLetter)), confidence: 0.97 }
  })
}
