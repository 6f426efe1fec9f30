import type { Expectation } from '../driver/driver.ts'

/** What Postgres says of a job at the end. */
export interface FinalJob {
  id: string
  status: string
  /** Committed saves, in a table that takes any number. */
  effects: number
  /** From the commit that created it to its end, or until now. */
  unfinishedSeconds: number
}

export interface JobVerdict {
  jobs: number
  completed: number
  failedAsIntended: number
  /** Acknowledged, or found in Postgres, and not brought to the end it should have. */
  lost: number
  committedTwice: number
  maxUnfinishedSeconds: number
  /** A sentence on each job that is wrong. */
  complaints: string[]
}

/**
 * Compares what the driver was told with what Postgres has. An insert whose answer was lost may be there or not; what
 * is there must have been done like all the others, and so must what jobs have created themselves.
 */
export function judgeJobs(
  expected: ReadonlyMap<string, Expectation>,
  found: readonly FinalJob[],
): JobVerdict {
  const byId = new Map(found.map((job) => [job.id, job]))
  const missing = [...expected].filter(([id, { acknowledged }]) => acknowledged && !byId.has(id))
  const judged = found.map((job) => ({ job, end: expected.get(job.id)?.end ?? 'completed' }))
  const wrong = judged.filter(({ job, end }) => !isAsIntended(job, end))
  const twice = judged.filter(({ job }) => job.effects > 1)
  const ended = (status: string) =>
    judged.filter(({ job, end }) => end === status && isAsIntended(job, end)).length
  return {
    jobs: found.length + missing.length,
    completed: ended('completed'),
    failedAsIntended: ended('failed'),
    lost: missing.length + wrong.length,
    committedTwice: twice.length,
    maxUnfinishedSeconds: Math.max(0, ...found.map((job) => job.unfinishedSeconds)),
    complaints: [
      ...missing.map(([id]) => `${id} was acknowledged and is not there`),
      ...wrong.map(
        ({ job, end }) => `${job.id} should be ${end}, and is ${job.status} with ${job.effects} effects`,
      ),
      ...twice.map(({ job }) => `${job.id} was committed ${job.effects} times`),
    ],
  }
}

/** Committed more than once is a fault of its own: such a job is not lost. */
function isAsIntended({ status, effects }: FinalJob, end: Expectation['end']): boolean {
  return status === end && (end === 'completed' ? effects >= 1 : effects === 0)
}
