import { listenForHints } from '@app/bus'
import { asError, type Part } from '@app/runtime'
import { sql } from 'kysely'
import type { ActiveRun } from './active-runs.ts'
import type { Shell } from './shell.ts'
import { createWaker } from './waker.ts'

const BEAT_MS = 4_000
/** A worker silent for this long is taken for dead where its entry is gone too. */
const STALE_AFTER_MS = 15_000

interface LivenessOptions {
  service: string
  queues: readonly string[]
  concurrency: number
}

/**
 * Says every four seconds that this process lives: to Redis for each entry it holds, to Postgres once for all. Learns
 * on the way what it has lost: entries that others took over, and jobs that were cancelled while no hint came through.
 */
export function createLiveness(shell: Shell, options: LivenessOptions): Part {
  const { active, log } = shell
  const stopping = new AbortController()
  const waker = createWaker()
  let loop = Promise.resolve()
  let hints: { disconnect: () => void } | undefined

  return {
    name: 'liveness',
    async start() {
      hints = listenForHints({
        bus: shell.bus,
        url: shell.redisUrl,
        onCancelled: (ids) => active.cancel(ids),
        onWake: () => {},
        onError: () => {},
      })
      // In Postgres before the first job runs, if it is there: a running row of an unknown worker is taken for lost.
      await quietly(beatPostgres(shell, options))
      loop = run()
    },
    async stop() {
      stopping.abort()
      hints?.disconnect()
      await loop
      await sql`delete from workers where id = ${shell.workerId}`.execute(shell.db).catch(() => {})
    },
  }

  async function run(): Promise<void> {
    for (;;) {
      await waker.sleep(BEAT_MS, stopping.signal)
      if (stopping.signal.aborted) return
      const beats = [renewLeases(shell), beatPostgres(shell, options).then(() => dropLost(shell))]
      await Promise.all(beats.map(quietly))
    }
  }

  async function quietly(work: Promise<void>): Promise<void> {
    await work.catch((error) => log.debug({ err: asError(error) }, 'beat missed'))
  }
}

async function renewLeases({ active, bus, workerId }: Shell): Promise<void> {
  for (const [stream, runs] of Map.groupBy(active.runs, (run: ActiveRun) => run.stream)) {
    const entryIds = runs.map((run) => run.entryId)
    for (const [index, state] of (await bus.renew(stream, workerId, entryIds)).entries()) {
      const run = runs[index]
      if (run && state === 'lost') active.abort(run, 'lost', 'another worker has taken the job over')
    }
  }
}

async function beatPostgres(
  { db, workerId }: Shell,
  { service, queues, concurrency }: LivenessOptions,
): Promise<void> {
  await sql`
    insert into workers (id, service, queues, concurrency, stale_after_ms)
    values (${workerId}, ${service}, ${JSON.stringify(queues)}, ${concurrency}, ${STALE_AFTER_MS})
    on conflict (id) do update set beat_at = now()`.execute(db)
}

/** Aborts the runs whose rows say that they are no longer theirs. */
async function dropLost({ db, active, workerId }: Shell): Promise<void> {
  const runs = [...active.runs].filter((run) => run.jobId !== undefined)
  if (runs.length === 0) return
  const ids = runs.map((run) => run.jobId ?? '')
  const mine = await db
    .selectFrom('processing_jobs')
    .select(['id', 'fence'])
    .where('id', 'in', ids)
    .where('worker_id', '=', workerId)
    .where('status', '=', 'running')
    .execute()
  for (const run of runs) {
    const held = mine.some((row) => row.id === run.jobId && row.fence === run.fence)
    // A run that ended between the two reads has left the set.
    if (!held && active.runs.has(run)) active.abort(run, 'cancelled', 'the job was cancelled')
  }
}
