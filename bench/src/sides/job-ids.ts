import type { Ticket } from '@app/contracts'

/** What every contestant is given to carry: the same ids, which tell their number. */
export const QUEUE = 'bench'
export const JOB_TYPE = 'bench-no-op'

/** A valid UUID that says which job of a run it is. */
export const jobIdOf = (index: number): string =>
  `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`

export const indexOf = (jobId: string): number => Number.parseInt(jobId.slice(24), 16)

/** A ticket as they are in production, with its trace. Every contestant carries the same. */
export const ticketOf = (index: number): Ticket => ({
  v: 1,
  type: JOB_TYPE,
  jobId: jobIdOf(index),
  fence: 0,
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
})

/** The numbers from 0 to `jobs`, in batches. */
export function* batchesOf(jobs: number, size: number): Generator<number[]> {
  for (let first = 0; first < jobs; first += size) {
    yield Array.from({ length: Math.min(size, jobs - first) }, (_, offset) => first + offset)
  }
}
