import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { connectRedis } from '@app/bus'
import { connectDb, type Db } from '@app/db'
import { startFaultyProxy } from '@app/infra'
import { abortableDelay } from '@app/runtime'
import { sql } from 'kysely'
import { seededRandom } from '../../scripts/demo/book/seeded-random.ts'
import { Driver } from './driver/driver.ts'
import { createFaultLog } from './faults/fault-log.ts'
import type { Stage } from './faults/stage.ts'
import { Fleet } from './fleet/fleet.ts'
import { through } from './fleet/member.ts'
import { type Servers, startServers } from './fleet/servers.ts'
import { job } from './plan/plan-jobs.ts'

const PREFIX = 'chaos'
const FLEET_PATIENCE_MS = 60_000

interface SetUpOptions {
  seed: number
  workers: number
  logDir: string | undefined
  signal: AbortSignal
  tell: (line: string) => void
  tellFault: (line: string) => void
}

/** Everything that runs, and ways to look at it past all that is broken. Disposing of it stops and removes it all. */
export interface SetUp extends Omit<Stage, 'signal'>, AsyncDisposable {
  random: () => number
  newId: () => string
  /** What the campaign's clock, `performance.now()`, showed at the epoch, by Postgres' clock. */
  postgresEpochMs: number
}

/** Starts the servers, the proxies and the processes; resolves when the workers have begun to beat. */
export async function setUp(options: SetUpOptions): Promise<SetUp> {
  const { seed, signal, tell, tellFault } = options
  const cleanUp = new AsyncDisposableStack()
  try {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'chaos-'))
    cleanUp.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
    tell('Starting Redis, Postgres and the workers …')
    const servers = await startServers(folder)
    cleanUp.defer(() => Promise.all([servers.redis.stop(), servers.postgres.stop()]).then(() => {}))
    const { db, redis, driver } = await connect(servers, cleanUp)
    const log = createFaultLog(() => performance.now(), tellFault)
    const fleet = new Fleet({
      ...{ ...options, servers, folder, prefix: PREFIX },
      onAccident: (name, how) => log.begin('process-exited', `${name}: ${how}`)(),
    })
    cleanUp.defer(() => fleet.stop())
    await fleet.start()
    await untilBeating(db, options)
    const random = seededRandom(seed)
    const newId = () => randomUUID() as string
    return {
      ...{ fleet, servers, driver, redis, db, log, random, newId, prefix: PREFIX },
      harmful: (behaviour, lastsMs) => job({ key: behaviour, behaviour, lastsMs }, { random, newId }),
      postgresEpochMs: await postgresEpoch(db),
      [Symbol.asyncDispose]: () => cleanUp.disposeAsync(),
    }
  } catch (error) {
    await cleanUp.disposeAsync()
    throw signal.aborted ? signal.reason : error
  }
}

async function connect({ redis: { url }, postgres }: Servers, cleanUp: AsyncDisposableStack) {
  const db = connectDb(postgres.url, { onIdleError: () => {} })
  cleanUp.defer(() => db.destroy())
  const redis = connectRedis(url, () => {})
  cleanUp.defer(() => redis.disconnect())
  const way = await startFaultyProxy(Number(new URL(postgres.url).port))
  const driver = new Driver(through(postgres.url, way), way)
  cleanUp.defer(() => driver.close())
  return { db, redis, driver }
}

async function untilBeating(db: Db, { workers, signal }: SetUpOptions): Promise<void> {
  const deadline = performance.now() + FLEET_PATIENCE_MS
  for (;;) {
    const rows = await db.selectFrom('workers').select('id').execute()
    if (rows.length >= workers) return
    if (performance.now() > deadline) throw new Error(`only ${rows.length} of ${workers} workers came up`)
    await abortableDelay(200, signal)
  }
}

async function postgresEpoch(db: Db): Promise<number> {
  const before = performance.now()
  const { rows } = await sql<{ ms: number }>`
    select extract(epoch from clock_timestamp())::float8 * 1000 as ms`.execute(db)
  return (before + performance.now()) / 2 - (rows[0]?.ms ?? 0)
}
