import type { Db } from '@app/db'
import type { AnswerCache } from '@app/providers'
import type { SpeechFor } from './speech/speech-from.ts'

/** What the jobs of this service need. */
export interface TranscribeDeps {
  db: Db
  speech: SpeechFor
  /** Of what was heard. */
  cache: AnswerCache
  /** Makes a stored object readable as a file: where it already is one, or a copy inside `directory`. */
  openObject: (objectKey: string, directory: string, signal: AbortSignal) => Promise<string>
  /** For sound on its way; each run's part of it is removed when the run ends. */
  scratchDirectory: string
  /** Longer recordings are cut into parts of at most this length. */
  partMs: number
}
