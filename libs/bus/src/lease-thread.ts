import { parentPort, workerData } from 'node:worker_threads'
import { connectRedis, onReconnect } from './connect.ts'
import { createLeaseTable, type HeldLease, type LeaseChange } from './lease-table.ts'
import { renewEntries } from './renew.ts'

// The program of the thread that `createLeaseKeeper` starts. It has nothing to do but this and a connection of its
// own, so no handler can make it late. It ends with its process.

export interface LeaseThreadOptions {
  url: string
  consumer: string
  leaseMs: number
}

/** What the thread tells the main thread. */
export type LeaseReport = { lost: number[] } | { failed: string }

/** After a beat that failed: soon again, the lease runs. */
const RETRY_MS = 500

const { url, consumer, leaseMs } = workerData as LeaseThreadOptions
const beatMs = leaseMs / 3
const table = createLeaseTable({ silentMs: leaseMs })
const redis = connectRedis(url, () => {})
let timer: NodeJS.Timeout | undefined
let isBeating = false

parentPort?.on('message', (change: LeaseChange) => table.apply(change, performance.now()))
// Back after an outage during which no beat came through.
onReconnect(redis, beat)

function beat(): void {
  if (isBeating) return
  isBeating = true
  clearTimeout(timer)
  const startedMs = performance.now()
  renewAll().then(
    () => beatIn(beatMs - (performance.now() - startedMs)),
    (error: Error) => {
      report({ failed: error.message })
      beatIn(RETRY_MS)
    },
  )
}

function beatIn(ms: number): void {
  isBeating = false
  timer = setTimeout(beat, Math.max(ms, 0))
}

async function renewAll(): Promise<void> {
  const streams = table.due(performance.now())
  const outcomes = await Promise.allSettled(streams.map(([stream, leases]) => renewStream(stream, leases)))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

async function renewStream(stream: string, leases: readonly HeldLease[]): Promise<void> {
  const entryIds = leases.map(({ entryId }) => entryId)
  const states = await renewEntries(redis, { stream, consumer, entryIds })
  const lost = leases.filter((_, index) => states[index] === 'lost').map(({ lease }) => lease)
  for (const lease of lost) table.lose(lease)
  if (lost.length > 0) report({ lost })
}

function report(what: LeaseReport): void {
  parentPort?.postMessage(what)
}
