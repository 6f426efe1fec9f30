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
export function createLiveness(shell: Shell, { service, queues, concurrency }: LivenessOptions): Part {
  const { db, bus, active, workerId, log } = shell
  const stopping = new AbortController()
  const waker = createWaker()
  let loop = Promise.resolve()
  let hints: { disconnect: () => void } | undefined

  return {
    name: 'liveness',
    async start() {
      hints = listenForHints({
        bus,
        url: shell.redisUrl,
        onCancelled: (ids) => active.cancel(ids),
        onWake: () => {},
        onError: () => {},
      })
      // In Postgres before the first job runs: a running row whose worker nobody knows would be taken for lost.
      await beatPostgres()
      loop = run()
    },
    async stop() {
      stopping.abort()
      hints?.disconnect()
      await loop
      await sql`delete from workers where id = ${workerId}`.execute(db).catch(() => {})
    },
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await waker.sleep(BEAT_MS, stopping.signal)
      if (stopping.signal.aborted) return
      await Promise.all([renewLeases(), beatPostgres().then(dropLost)].map(quietly))
    }
  }

  async function quietly(work: Promise<void>): Promise<void> {
    await work.catch((error) => log.debug({ err: asError(error) }, 'beat missed'))
  }

  async function renewLeases(): Promise<void> {
    for (const [stream, runs] of Map.groupBy(active.runs, (run: ActiveRun) => run.stream)) {
      const states = await bus.renew(
        stream,
        workerId,
        runs.map((run) => run.entryId),
      )
      for (const [index, state] of states.entries()) {
        const run = runs[index]
        if (run && state === 'lost') active.abort(run, 'lost', 'another worker has taken the job over')
      }
    }
  }

  async function beatPostgres(): Promise<void> {
    await sql`
      insert into workers (id, service, queues, concurrency, stale_after_ms)
      values (${workerId}, ${service}, ${JSON.stringify(queues)}, ${concurrency}, ${STALE_AFTER_MS})
      on conflict (id) do update set beat_at = now()`.execute(db)
  }

  async function dropLost(): Promise<void> {
    const runs = [...active.runs].filter((run) => run.jobId !== undefined)
    if (runs.length === 0) return
    const mine = await db
      .selectFrom('processing_jobs')
      .select(['id', 'fence'])
      .where(
        'id',
        'in',
        runs.map((run) => run.jobId ?? ''),
      )
      .where('worker_id', '=', workerId)
      .where('status', '=', 'running')
      .execute()
    for (const run of runs) {
      const held = mine.some((row) => row.id === run.jobId && row.fence === run.fence)
      // A run that ended between the two reads has left the set.
      if (!held && active.runs.has(run)) active.abort(run, 'cancelled', 'the job was cancelled')
    }
  }
}
