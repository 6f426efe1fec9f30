import { randomUUID } from 'node:crypto'
import type { SpeechJob } from '../speech/port.ts'

/** A job whose checkpoints live as long as `kept` does: two runs of one job share it, as they share rows. */
export function jobInMemory(kept = new Map<string, string>(), id: string = randomUUID()): SpeechJob {
  return {
    id,
    ownerId: randomUUID(),
    async step(key, work) {
      // As JSON, for that is what a later run gets.
      if (!kept.has(key)) kept.set(key, JSON.stringify((await work()) ?? null))
      return JSON.parse(kept.get(key) as string)
    },
  }
}
