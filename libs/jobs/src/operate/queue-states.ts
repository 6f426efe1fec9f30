import type { Bus } from '@app/bus'
import { JOBS, type JobStatus, LANES, type Lane } from '@app/contracts'
import type { Db } from '@app/db'
import { withTimeout } from '@app/runtime'
import { sql } from 'kysely'
import { type JobCount, jobCounts } from './job-counts.ts'
import { type QueueControl, queueControls } from './queue-controls.ts'

const REDIS_PATIENCE_MS = 2_000
/** Further than this nobody counts what is parked: it is no backlog but a mistake. */
const MOST_COUNTED = 100_000

/** What an operator sees of one queue. */
export interface QueueState {
  queue: string
  /** Jobs in each lane and state; a state that nobody is in is left out. */
  lanes: Record<Lane, Partial<Record<JobStatus, number>>>
  /** The same over all lanes. */
  jobs: Partial<Record<JobStatus, number>>
  /** Queued and running: what the queue has still to do, on its stream or waiting for a place there. */
  depth: number
  /** Queued ones that no living worker knows yet; counted up to 100,000. */
  parked: number
  /** How long ago the job fell due that waits longest, by Postgres' clock. Null where none waits. */
  oldestWaitingMs: number | null
  /** Processes that beat, and how many jobs of this queue they run at once. */
  workers: number
  slots: number
  /** Who stopped its starts; null where nobody did. */
  control: QueueControl | null
  /** Entries on its streams; null where Redis does not answer. */
  entries: number | null
}

/** Every queue that a job type or a job has, the types' in their order. Costs the same however many jobs wait. */
export async function queueStates(db: Db, bus: Bus | undefined): Promise<QueueState[]> {
  const counts = await jobCounts(db)
  const queues = new Set([...JOBS.map((job) => job.queue), ...counts.map((count) => count.queue)])
  return await statesOf({ db, bus }, [...queues], counts)
}

/** One queue; undefined where no job type and no job has it. */
export async function queueState(
  db: Db,
  bus: Bus | undefined,
  queue: string,
): Promise<QueueState | undefined> {
  const counts = await jobCounts(db, queue)
  if (counts.length === 0 && !JOBS.some((job) => job.queue === queue)) return undefined
  const [state] = await statesOf({ db, bus }, [queue], counts)
  return state
}

async function statesOf(
  { db, bus }: { db: Db; bus: Bus | undefined },
  queues: string[],
  counts: readonly JobCount[],
): Promise<QueueState[]> {
  const [ages, parked, workers, controls, entries] = await Promise.all([
    oldestWaiting(db, queues),
    parkedJobs(db, queues),
    liveWorkers(db),
    queueControls(db),
    Promise.all(queues.map((queue) => entriesOf(bus, queue))),
  ])
  return queues.map((queue, index) => {
    const own = counts.filter((count) => count.queue === queue)
    const jobs = sumOf(own)
    return {
      queue,
      lanes: lanesOf(own),
      jobs,
      depth: (jobs.queued ?? 0) + (jobs.running ?? 0),
      parked: parked.get(queue) ?? 0,
      oldestWaitingMs: ages.get(queue) ?? null,
      workers: workers.get(queue)?.workers ?? 0,
      slots: workers.get(queue)?.slots ?? 0,
      control: controls.find((control) => control.queue === queue) ?? null,
      entries: entries[index] ?? null,
    }
  })
}

function lanesOf(counts: readonly JobCount[]): QueueState['lanes'] {
  const inLane = (lane: Lane) => sumOf(counts.filter((count) => count.lane === lane))
  return Object.fromEntries(LANES.map((lane) => [lane, inLane(lane)])) as QueueState['lanes']
}

function sumOf(counts: readonly JobCount[]): Partial<Record<JobStatus, number>> {
  const sums: Partial<Record<JobStatus, number>> = {}
  for (const { status, count } of counts) sums[status] = (sums[status] ?? 0) + count
  return sums
}

/** The first entry of an index for each queue, and what stands on its streams, which is never much. */
async function oldestWaiting(db: Db, queues: string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ queue: string; ageMs: number | null }>`
    select name.queue, extract(epoch from now() - least(
      (select min(run_at) from processing_jobs job
        where job.queue = name.queue and status = 'queued' and dispatch_after is null and hold_reason is null),
      (select min(run_at) from processing_jobs job
        where job.queue = name.queue and status = 'queued' and dispatch_after is not null)
    ))::float8 * 1000 as "ageMs"
    from unnest(${queues}::text[]) as name (queue)`.execute(db)
  // Negative: what comes next is not due yet.
  return new Map(rows.flatMap(({ queue, ageMs }) => (ageMs === null || ageMs < 0 ? [] : [[queue, ageMs]])))
}

async function parkedJobs(db: Db, queues: string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ queue: string; count: number }>`
    select name.queue, (
      select count(*)::int from (
        select from processing_jobs job
        where job.queue = name.queue and status = 'queued' and hold_reason like 'unknown-%' limit ${MOST_COUNTED}
      ) as sample
    ) as count
    from unnest(${queues}::text[]) as name (queue)`.execute(db)
  return new Map(rows.map(({ queue, count }) => [queue, count]))
}

async function liveWorkers(db: Db): Promise<Map<string, { workers: number; slots: number }>> {
  const { rows } = await sql<{ queue: string; workers: number; slots: number }>`
    select queue, count(*)::int as workers, sum(concurrency)::int as slots
    from workers, jsonb_array_elements_text(queues) as queue
    where beat_at > now() - stale_after_ms * interval '1 millisecond'
    group by queue`.execute(db)
  return new Map(rows.map(({ queue, ...live }) => [queue, live]))
}

/** Postgres' answer is not kept waiting for Redis'. */
async function entriesOf(bus: Bus | undefined, queue: string): Promise<number | null> {
  if (!bus) return null
  return await withTimeout(bus.depth(queue), REDIS_PATIENCE_MS, 'redis-silent').catch(() => null)
}
