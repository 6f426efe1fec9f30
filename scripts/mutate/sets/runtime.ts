import type { Mutation } from '../mutation.ts'
import { CONNECTIONS } from './runtime/connections.ts'
import { CONSUMERS } from './runtime/consumers.ts'
import { COUNTERS } from './runtime/counters.ts'
import { DRIFT } from './runtime/drift.ts'
import { ENTRIES } from './runtime/entries.ts'
import { FINISHED } from './runtime/finished.ts'
import { FLOWS } from './runtime/flows.ts'
import { GROUPS } from './runtime/groups.ts'
import { LEASES } from './runtime/leases.ts'
import { ROWS } from './runtime/rows.ts'
import { SHARES } from './runtime/shares.ts'
import { TOPOLOGIES } from './runtime/topologies.ts'

/** The job runtime: every cure of docs/redis-streams.md, and what ARCHITECTURE.md promises besides. */
export const RUNTIME: readonly Mutation[] = [
  ...ENTRIES,
  ...FINISHED,
  ...CONSUMERS,
  ...LEASES,
  ...CONNECTIONS,
  ...GROUPS,
  ...TOPOLOGIES,
  ...SHARES,
  ...ROWS,
  ...COUNTERS,
  ...DRIFT,
  ...FLOWS,
]
