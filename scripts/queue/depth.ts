import type { Bus } from '@app/bus'
import { JOBS } from '@app/contracts'
import type { Db } from '@app/db'
import { sql } from 'kysely'
import { formatTable } from './format-table.ts'
import type { Outcome, QueueContext } from './outcome.ts'

interface QueueDepth {
  queue: string
  pending: number
  queued: number
  running: number
  failed: number
  /** Tickets that wait or run; null where Redis did not answer. */
  entries: number | null
}

const STATES = ['pending', 'queued', 'running', 'failed'] as const

const COLUMNS = [
  { title: 'QUEUE' },
  ...[...STATES, 'in redis'].map((title) => ({ title: title.toUpperCase(), alignRight: true })),
]

/** How much there is to do, queue by queue: jobs as Postgres has them, tickets as Redis has them. */
export async function showDepth(
  { db, bus }: QueueContext,
  { asJson }: { asJson: boolean },
): Promise<Outcome> {
  const counted = await countJobs(db)
  const queues = [...new Set([...JOBS.map((job) => job.queue), ...counted.map((row) => row.queue)])]
  const depths = await Promise.all(
    queues.map(async (queue): Promise<QueueDepth> => {
      const count = (status: string) =>
        counted.find((row) => row.queue === queue && row.status === status)?.count ?? 0
      const [pending, queued, running, failed] = STATES.map(count) as [number, number, number, number]
      return { queue, pending, queued, running, failed, entries: await entriesOf(bus, queue) }
    }),
  )
  if (asJson) return { lines: [JSON.stringify(depths)], failures: [] }
  const rows = depths.map((depth) => [
    depth.queue,
    ...STATES.map((state) => String(depth[state])),
    depth.entries === null ? '?' : String(depth.entries),
  ])
  const note = depths.some((depth) => depth.entries === null) ? ['Redis does not answer.'] : []
  return { lines: [...formatTable(COLUMNS, rows), ...note], failures: [] }
}

async function countJobs(db: Db): Promise<{ queue: string; status: string; count: number }[]> {
  const { rows } = await sql<{ queue: string; status: string; count: number }>`
    select queue, status, count(*)::int as count from processing_jobs
    where status = any(${[...STATES]}) group by queue, status`.execute(db)
  return rows
}

async function entriesOf(bus: Bus | undefined, queue: string): Promise<number | null> {
  if (!bus) return null
  return await bus.depth(queue).catch(() => null)
}
