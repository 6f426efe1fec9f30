import type { Bus } from '@app/bus'
import type { Db } from '@app/db'

/** What a command works on. */
export interface QueueContext {
  db: Db
  /** Undefined where Redis is not there: Postgres knows everything but what stands on the streams. */
  bus: Bus | undefined
  /** Stands in the rows that a command writes. */
  who: string
  /** Columns of the terminal; Infinity where there is none. */
  width: number
  /** Says how far a command is that takes its time; nothing where a program reads along. */
  progress: (line: string) => void
}

/** What a command has to say, to people and to programs, and what it could not do. */
export interface Outcome {
  lines: string[]
  data: unknown
  failures?: string[]
}
