import type { RedisClient } from '@app/bus'
import type { Db } from '@app/db'
import type { Driver } from '../driver/driver.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Servers } from '../fleet/servers.ts'
import type { ChaosJob } from '../plan/plan-jobs.ts'
import type { FaultLog } from './fault-log.ts'

/** Everything that faults can be done to. */
export interface Stage {
  fleet: Fleet
  servers: Servers
  driver: Driver
  /** Past all the proxies. */
  redis: RedisClient
  db: Db
  prefix: string
  log: FaultLog
  /** A job that does harm. */
  harmful(behaviour: ChaosJob['input']['behaviour'], lastsMs: number): ChaosJob
  /** Fires when the campaign is called off, or its faults are over. */
  signal: AbortSignal
}
