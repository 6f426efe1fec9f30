import { setTimeout as delay } from 'node:timers/promises'
import type { Sample } from '../contest/task.ts'

/** Jobs a second, of work that handles so many. */
export async function throughputOf(jobs: number, work: () => Promise<void>): Promise<Sample> {
  const begin = performance.now()
  await work()
  return { perSecond: (jobs * 1_000) / (performance.now() - begin) }
}

/** Runs `work` on each of the batches, so many at once. */
export async function inParallel<T>(
  batches: Iterable<T>,
  atOnce: number,
  work: (batch: T) => Promise<void>,
): Promise<void> {
  const rest = batches[Symbol.iterator]()
  const line = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: atOnce }, line))
}

/** Asks again and again until the answer is yes; rejects after a minute. For what can't be waited for. */
export async function until(isSo: () => Promise<boolean>, what: string, everyMs = 0): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited a minute in vain until ${what}`)
    if (everyMs > 0) await delay(everyMs)
  }
}

/** The latencies' quantiles that the bars are about. */
export function quantilesOf(latenciesMs: readonly number[]): Sample {
  const sorted = latenciesMs.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]
  return { p50: at(0.5) ?? Number.NaN, p99: at(0.99) ?? Number.NaN }
}

interface Pickups {
  jobs: number
  /** The queue rests this long between two jobs. */
  restMs: number
  /** Publishes one job; the clock starts when `begun` is called, or else before. */
  publish: (index: number) => Promise<void>
}

/** Measures from publishing a job on an idle queue to the start of its handler, which must call `started`. */
export function createPickups({ jobs, restMs, publish }: Pickups) {
  const latenciesMs: number[] = []
  let begin = 0
  let started = Promise.withResolvers<void>()

  return {
    started(): void {
      latenciesMs.push(performance.now() - begin)
      started.resolve()
    },

    /** One job at a time, the next one only when the last has started and all has come to rest. */
    async measure(): Promise<Sample> {
      for (let index = 0; index < jobs; index += 1) {
        started = Promise.withResolvers<void>()
        begin = performance.now()
        await Promise.all([publish(index), started.promise])
        await delay(restMs)
      }
      return quantilesOf(latenciesMs)
    },

    /** From here on the clock runs: for what is measured from a commit, not from the wish. */
    begin(): void {
      begin = performance.now()
    },
  }
}
