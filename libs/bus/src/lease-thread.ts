import { parentPort, workerData } from 'node:worker_threads'
import { connectRedis, onReconnect } from './connect.ts'
import { createLeaseBeat } from './lease-beat.ts'
import type { LeaseChange } from './lease-table.ts'
import { limitScripts } from './limits/scripts.ts'
import { keepSlots } from './limits/slots.ts'
import { renewEntries } from './renew.ts'

// The program of the thread that `LeaseKeeper` starts. It has nothing to do but this and a connection of its own, so no
// handler can make it late. It ends with its process.

export interface LeaseThreadOptions {
  url: string
  consumer: string
  leaseMs: number
}

const { url, consumer, leaseMs } = workerData as LeaseThreadOptions
const redis = connectRedis(url, () => {})
const runScript = limitScripts(redis)
const { apply, beat } = createLeaseBeat({
  leaseMs,
  renew: (stream, entryIds) => renewEntries(redis, { stream, consumer, entryIds }),
  keepSlots: (holders, members) => keepSlots(runScript, holders, members),
  report: (what) => parentPort?.postMessage(what),
})

parentPort?.on('message', (change: LeaseChange) => apply(change))
onReconnect(redis, beat)
