/** Who asks: a run, and the flow in whose turn it is served. */
export interface Asker {
  jobId: string
  fence: number
  /** An owner's jobs of one lane: flows that wait for the same limit are served in turn. */
  flow: string
  /** A flow of weight 2 is served twice as often as one of weight 1. */
  weight: number
}

export type RunOfJob = Pick<Asker, 'jobId' | 'fence'>

export interface Answer {
  granted: boolean
  /** Until the job's turn comes, where it was not granted. */
  waitMs: number
  /** Where it stood in the line of a bucket; '' where it had not to wait. */
  place: string
  /** Other jobs that should come now. */
  called: string[]
}
