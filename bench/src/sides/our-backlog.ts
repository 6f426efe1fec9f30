import { streamKey } from '@app/bus'
import { Ticket } from '@app/contracts'
import type { Db } from '@app/db'
import { compactJobCounts, createShell, dispatchDue, queueState, queueStates, type Shell } from '@app/jobs'
import { sql } from 'kysely'
import type { Sample, Servers } from '../contest/task.ts'
import { figuresOf } from '../report/assess.ts'
import { JOB_TYPE, QUEUE } from './job-ids.ts'
import { openWorld } from './our-jobs.ts'

/** Tickets that one dispatch sends and one worker then claims. */
const AT_ONCE = 64
const OWNERS = 10
const SEEDED_AT_ONCE = 50_000
const WINDOWS = { byQueue: new Map([[QUEUE, AT_ONCE]]), others: AT_ONCE }

/**
 * What dispatching, claiming and the queue pages take while so many jobs wait. The backlog stays from run to run: a
 * million rows take a minute.
 */
export async function measureBacklog(
  servers: Servers,
  { waiting, rounds }: { waiting: number; rounds: number },
): Promise<Sample> {
  await using world = await openWorld(servers, { keepJobs: true })
  await fillBacklog(world.db, waiting)
  await world.bus.ensureGroups(QUEUE)
  const shell = createShell('bench', { ...world, dispatchSoon: () => {} })
  const times: Record<string, number[]> = { dispatchMs: [], claimMs: [], pagesMs: [] }
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const begin = performance.now()
    const answer = await work()
    times[name]?.push(performance.now() - begin)
    return answer
  }
  for (let round = 0; round < rounds; round += 1) {
    const sent = await timed('dispatchMs', () => dispatchDue(world.db, world.bus, { windows: WINDOWS }))
    if (sent !== AT_ONCE) throw new Error(`${sent} tickets were sent, not ${AT_ONCE}`)
    await timed('pagesMs', () => showPages(shell, waiting))
    await workOff(shell, (claim) => timed('claimMs', claim))
    await addJobs(world.db, AT_ONCE)
  }
  return Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, figuresOf(ms).median]))
}

/** Both pages that an operator sees: all queues, and one of them. Throws where a number on them is wrong. */
async function showPages({ db, bus }: Shell, waiting: number): Promise<void> {
  const [all, one] = [await queueStates(db, bus), await queueState(db, bus, QUEUE)]
  const shown = all.find(({ queue }) => queue === QUEUE)
  for (const state of [shown, one]) {
    if (
      !state ||
      state.entries !== AT_ONCE ||
      state.depth > waiting ||
      state.depth <= waiting - waiting / 2
    ) {
      throw new Error(`the page of the queue is wrong: ${JSON.stringify(state)}`)
    }
  }
}

/** Claims all that was sent, completes it, and acknowledges. Throws where a ticket claims nothing. */
async function workOff(shell: Shell, timed: <T>(claim: () => Promise<T>) => Promise<T>): Promise<void> {
  const { bus, workerId } = shell
  const deliveries = await bus.readNew(streamKey(bus.prefix, QUEUE, 'normal'), workerId, AT_ONCE)
  const rows = await timed(() =>
    Promise.all(
      deliveries.map(({ ticket, entryId }) =>
        shell.claim({ ticket: Ticket.parse(JSON.parse(ticket)), holder: { workerId, entryId } }),
      ),
    ),
  )
  const completed = await Promise.all(
    rows.map((row) => {
      if (!row) throw new Error('a ticket claimed nothing')
      const run = {
        jobId: row.id,
        fence: row.fence,
        subjectKind: row.subject_kind,
        subjectId: row.subject_id,
      }
      return shell.complete({ run, output: null })
    }),
  )
  if (completed.length !== AT_ONCE || completed.includes(undefined)) throw new Error('a claimed job was lost')
  for (const { stream, entryId } of deliveries) await bus.acknowledge(stream, workerId, [entryId])
}

async function fillBacklog(db: Db, waiting: number): Promise<void> {
  // What another row left here would be dispatched with the rest.
  await sql`delete from processing_jobs where status = 'completed' or queue <> ${QUEUE}`.execute(db)
  const { rows } = await sql<{ queued: number }>`
    select count(*)::int as queued from processing_jobs where status = 'queued'`.execute(db)
  for (let missing = waiting - (rows[0]?.queued ?? 0); missing > 0; missing -= SEEDED_AT_ONCE) {
    await addJobs(db, Math.min(missing, SEEDED_AT_ONCE))
  }
  await compactJobCounts(db, 1)
  await sql`vacuum analyze processing_jobs`.execute(db)
}

/** As `insertJobs` would write them, but without sending a million rows there. */
async function addJobs(db: Db, count: number): Promise<void> {
  await sql`
    insert into processing_jobs
      (subject_kind, subject_id, owner_id, type, version, queue, lane, status, input, max_attempts)
    select 'bench', gen_random_uuid(), ('00000000-0000-4000-8000-' || lpad((n % ${OWNERS})::text, 12, '0'))::uuid,
      ${JOB_TYPE}, 1, ${QUEUE}, 'normal', 'queued', jsonb_build_object('index', n), 3
    from generate_series(1, ${count}) n`.execute(db)
}
