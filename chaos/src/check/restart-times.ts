import type { DoneFault } from '../faults/fault-log.ts'
import { LEASE_MS } from '../plan/plan-faults.ts'

/** One committed move of a job, in milliseconds of the campaign's clock. */
export interface Move {
  jobId: string
  status: string
  workerId: string | null
  atMs: number
}

/** A run that has begun: a job may have to wait for its turn in the process that has taken it over. */
export interface RunStart {
  jobId: string
  pid: number
  atMs: number
}

/** A time in which a worker process lived; its id is part of its worker's. */
export interface Lifetime {
  pid: number
  fromMs: number
  toMs: number
}

interface Evidence {
  faults: readonly DoneFault[]
  moves: readonly Move[]
  starts: readonly RunStart[]
  lifetimes: readonly Lifetime[]
}

/**
 * How long each job that a killed worker was running stood still until it ran again: only of kills with no other
 * fault from a lease before it to a lease after it, or to that moment, and with a free slot elsewhere when the lease
 * was over. For a job with a crash behind it that is a process that runs nothing: it is run alone.
 */
export function restartTimes({ faults, moves, starts, lifetimes }: Evidence): number[] {
  const histories = [...Map.groupBy(moves, (move) => move.jobId).values()]
  return faults
    .filter(({ kind, pid }) => kind === 'kill-worker' && pid !== undefined)
    .flatMap((kill) => {
      const restarts = histories.flatMap((history) => restartOf(history, starts, kill) ?? [])
      const isClean = restarts.every((atMs) => isAlone(kill, atMs, faults))
      const idle = idleProcesses(kill, histories, lifetimes)
      return isClean && idle >= restarts.length ? restarts.map((atMs) => atMs - kill.fromMs) : []
    })
}

/** The run by which another process went on with what the killed one ran. */
function restartOf(
  history: readonly Move[],
  starts: readonly RunStart[],
  { pid = 0, fromMs }: DoneFault,
): number | undefined {
  const before = history.findLast((move) => move.atMs <= fromMs)
  if (before?.status !== 'running' || !isOf(before.workerId, pid)) return undefined
  return starts.find((it) => it.jobId === before.jobId && it.atMs > fromMs && it.pid !== pid)?.atMs
}

function isAlone(kill: DoneFault, againMs: number, faults: readonly DoneFault[]): boolean {
  const [fromMs, toMs] = [kill.fromMs - LEASE_MS, Math.max(kill.fromMs + LEASE_MS, againMs)]
  return !faults.some((other) => other !== kill && other.fromMs <= toMs && other.toMs >= fromMs)
}

/** What a process takes until it reads. */
const START_MS = 6_000

/** Others that were up and ran nothing when the lease of the killed one's entries was over. */
function idleProcesses(
  kill: DoneFault,
  histories: readonly (readonly Move[])[],
  lifetimes: readonly Lifetime[],
): number {
  const atMs = kill.fromMs + LEASE_MS
  const busy = histories.flatMap((history) => {
    const last = history.findLast((move) => move.atMs < atMs)
    return last?.status === 'running' ? [last.workerId] : []
  })
  return lifetimes.filter(
    ({ pid, fromMs, toMs }) =>
      pid !== kill.pid &&
      fromMs + START_MS < atMs &&
      toMs > atMs &&
      !busy.some((workerId) => isOf(workerId, pid)),
  ).length
}

/** Worker ids are service, host, process id and something random. */
const isOf = (workerId: string | null, pid: number): boolean =>
  new RegExp(`-${pid}-[0-9a-f]+$`).test(workerId ?? '')

/** The value that this share of all are not above; null of none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? null
}
