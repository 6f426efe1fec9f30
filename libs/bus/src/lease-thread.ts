import { flushCompileCache } from 'node:module'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { createLeaseBeat } from './lease-beat.ts'
import type { LeaseChange } from './lease-table.ts'
import { limitScripts } from './limits/scripts.ts'
import { keepSlots } from './limits/slots.ts'
import type { RedisAddress } from './redis-address.ts'
import { onReconnect, openClient } from './redis-client.ts'
import { renewEntries } from './renew.ts'

// The program of the thread that `LeaseKeeper` starts. It has nothing to do but this and a connection of its own, so no
// handler can make it late. It ends with its process. What it imports each worker process holds twice: nothing of
// `@app/runtime`, whose log, metrics and schemas would make it half as large again.

export interface LeaseThreadOptions {
  address: RedisAddress
  consumer: string
  leaseMs: number
}

/** Told to the thread; other threads that import this file are told other things. */
interface LeaseThreadData {
  leases?: LeaseThreadOptions
}

/** Starts this file as a thread. */
export function startLeaseThread(leases: LeaseThreadOptions): Worker {
  // Where compiled code is kept, the thread finds its own there even the first time. It would load what strips types
  // otherwise, a second one of 17 MB.
  flushCompileCache()
  return new Worker(new URL(import.meta.url), {
    name: 'leases',
    workerData: { leases } satisfies LeaseThreadData,
  })
}

const { leases } = (workerData ?? {}) as LeaseThreadData
if (leases) renewLeases(leases)

function renewLeases({ address, consumer, leaseMs }: LeaseThreadOptions): void {
  const redis = openClient(address, () => {})
  const runScript = limitScripts(redis)
  const { apply, beat } = createLeaseBeat({
    leaseMs,
    renew: (stream, entryIds) => renewEntries(redis, { stream, consumer, entryIds }),
    keepSlots: (holders, members) => keepSlots(runScript, holders, members),
    report: (what) => parentPort?.postMessage(what),
  })
  parentPort?.on('message', (change: LeaseChange) => apply(change))
  onReconnect(redis, beat)
}
