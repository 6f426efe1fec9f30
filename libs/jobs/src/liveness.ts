import { asError, createWaker, type Part } from '@app/runtime'
import type { ActiveRun } from './active-runs.ts'
import { createParkedReleases } from './parked-releases.ts'
import type { Shell } from './shell.ts'

const BEAT_MS = 4_000

interface LivenessOptions {
  service: string
  queues: readonly string[]
  /** What this process can run, as `transcribe@1`, and which tickets it reads. */
  jobTypes: readonly string[]
  concurrency: number
}

/**
 * Says every four seconds that this process lives: to Redis for each entry it holds, from a thread of its own, to
 * Postgres once for all. Learns on the way what it has lost: entries that others took over, and jobs that were
 * cancelled while no hint came through.
 */
export function createLiveness(shell: Shell, options: LivenessOptions): Part {
  const { active, leases, log } = shell
  const releases = createParkedReleases(shell, options)
  const stopping = new AbortController()
  let loop = Promise.resolve()
  let hints: { disconnect: () => void } | undefined

  return {
    name: 'liveness',
    async start() {
      hints = shell.bus.listenForHints({
        url: shell.redisUrl,
        onCancelled: (ids) => active.cancel(ids),
        onWake: () => {},
        onError: () => {},
      })
      leases.start()
      // In Postgres before the first job runs, if it is there: a running row of an unknown worker is taken for lost.
      await quietly(beat())
      loop = run()
    },
    async stop() {
      stopping.abort()
      hints?.disconnect()
      await leases.stop()
      await loop
      await releases.stop()
      await shell.jobs.forgetWorker(shell.workerId).catch(() => {})
    },
  }

  async function run(): Promise<void> {
    const waker = createWaker()
    for (;;) {
      await waker.sleep(BEAT_MS, stopping.signal)
      if (stopping.signal.aborted) return
      await quietly(shell.postgres.heed(beat()).then(() => compare(shell)))
    }
  }

  /** Says that this process lives and what it knows. Jobs that were parked for want of that go on: at its start, at once. */
  async function beat(): Promise<void> {
    const { isAnyHeld } = await shell.jobs.beatWorker({ ...options, workerId: shell.workerId })
    if (isAnyHeld) await releases.begin()
  }

  async function quietly(work: Promise<void>): Promise<void> {
    await work.catch((error) => log.debug({ err: asError(error) }, 'beat missed'))
  }
}

/**
 * Holds what Postgres says is running here against what is: aborts runs whose rows are no longer theirs, and hands
 * back rows that nobody here runs, as after a claim whose answer was lost. Those would else stay `running` for as long
 * as this process lives.
 */
export async function compare(shell: Shell): Promise<void> {
  const { jobs, active, workerId, dispatchSoon } = shell
  const before = [...active.runs].filter((run) => run.jobId !== undefined)
  const rows = await jobs.runningOn(workerId)
  const isHeld = (run: ActiveRun) => rows.some((row) => row.id === run.jobId && row.fence === run.fence)
  await abortLost(
    shell,
    before.filter((run) => !isHeld(run)),
  )
  // Taken after the rows were read: what was claimed meanwhile is not among them.
  const entries = new Set([...active.runs].map((run) => run.entryId))
  for (const row of rows.filter(({ entry_id }) => !entries.has(entry_id ?? ''))) {
    if (await jobs.handBack({ jobId: row.id, fence: row.fence })) dispatchSoon()
  }
}

/** Whoever was cancelled while no hint came through is told so; from all others the job was taken. */
async function abortLost({ jobs, active }: Shell, runs: readonly ActiveRun[]): Promise<void> {
  const ids = runs.flatMap(({ jobId }) => jobId ?? [])
  if (ids.length === 0) return
  const cancelled = new Set(await jobs.cancelledAmong(ids))
  for (const run of runs) {
    // A run that ended between the two reads has left the set.
    if (!active.runs.has(run)) continue
    if (cancelled.has(run.jobId ?? '')) active.abort(run, 'cancelled', 'the job was cancelled')
    else active.abort(run, 'lost', 'another worker has taken the job over')
  }
}
