import type { Answer, Asker } from './asker.ts'
import { limitKeys } from './keys.ts'
import { bucketOf, checkLimit, type RateLimit } from './limit.ts'
import type { Lesson } from './quota.ts'
import { pairs, toMs, toUs } from './replies.ts'
import type { RunScript } from './scripts.ts'

/** As many of a line are told anew at a time. */
const LOOKED_AT = 1_000

export interface Rejoining {
  /** Where it stood, from the answer that granted it the token. */
  place: string
  /** Whether it brings its token back unused. */
  returned: boolean
  leastMs: number
}

/** Rate limits: a bucket of tokens for each key, and the line of jobs whose tokens are yet to come. */
export function bucketsOf(run: RunScript, prefix: string) {
  const keysOf = (key: string) => limitKeys(prefix, { kind: 'rate', key })

  return {
    /** A token, or the time at which this job's own token will be there. */
    async takeToken(limit: RateLimit, { jobId, flow, weight }: Asker): Promise<Answer> {
      const { intervalUs, burst } = bucketOf(limit)
      const args = [jobId, flow, weight, intervalUs, burst]
      const [granted, rest] = (await run('takeToken', keysOf(limit.key), ...args)) as [number, unknown]
      return granted === 1
        ? { granted: true, waitMs: 0, place: String(rest), called: [] }
        : { granted: false, waitMs: toMs(rest), place: '', called: [] }
    },

    /** Puts a job that had its token back to its place in the line. Returns how many milliseconds it waits. */
    async rejoin(limit: RateLimit, jobId: string, { place, returned, leastMs }: Rejoining): Promise<number> {
      const { intervalUs, burst } = bucketOf(limit)
      const args = [jobId, place, intervalUs, burst, returned ? 1 : 0, toUs(leastMs)]
      return toMs(await run('rejoinLine', keysOf(limit.key), ...args))
    },

    /** Makes the bucket as empty as the provider says it is, never fuller. Error: `limit-invalid`. */
    async learn(limit: RateLimit, { emptyForMs, left }: Omit<Lesson, 'refused'>): Promise<void> {
      checkLimit(limit)
      if (emptyForMs === undefined && left === undefined) return
      const { intervalUs, burst } = bucketOf(limit)
      const args = [emptyForMs === undefined ? -1 : toUs(emptyForMs), left ?? -1, intervalUs, burst]
      await run('learn', keysOf(limit.key), ...args)
    },

    /** Who in the line may come earlier than it was told, and in how many milliseconds; `gone` are jobs to forget. */
    async bringForward(
      key: string,
      gone: readonly string[] = [],
    ): Promise<{ jobId: string; waitMs: number }[]> {
      const answer = (await run('bringForward', keysOf(key), LOOKED_AT, ...gone)) as unknown[]
      return pairs(answer).map(([jobId, us]) => ({ jobId: String(jobId), waitMs: toMs(us) }))
    },

    /** How a bucket stands, and when this job's turn comes; undefined where nobody has ever taken from it. */
    async bucketState(key: string, jobId = '') {
      const state = (await run('bucketState', keysOf(key), jobId)) as number[]
      const [tokens, nextUs, waiting, dueUs, intervalUs, burst] = state
      if (tokens === undefined) return undefined
      return {
        tokens,
        burst: Number(burst),
        intervalMs: Number(intervalUs) / 1_000,
        /** Until there is a token for whoever is first. */
        refillsInMs: toMs(nextUs),
        waiting: Number(waiting),
        /** Undefined where the job is not in the line. */
        jobDueInMs: Number(dueUs) < 0 ? undefined : toMs(dueUs),
      }
    },
  }
}
