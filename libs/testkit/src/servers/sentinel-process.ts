import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { freePort, redisProgram, startChild } from '@app/infra'
import type { Redis } from 'ioredis'
import { testServers } from './context.ts'
import { askRedis, PASSWORD } from './redis-process.ts'
import { until } from './until.ts'

/** What the Sentinel calls the primary. */
export const PRIMARY_NAME = 'mymaster'
export const SENTINEL_PASSWORD = 'sentinel'

export interface SentinelProcess {
  readonly port: number
  ask<T>(question: (redis: Redis) => Promise<T>): Promise<T>
  /** Resolves when a failover could begin: there is a replica that follows the primary. */
  ready(): Promise<void>
  stop(): Promise<void>
}

/** A Sentinel that decides alone, and about ten times as fast as they usually do. */
export async function startSentinel(primaryPort: number): Promise<SentinelProcess> {
  const dataDir = mkdtempSync(path.join(testServers().tempDir, 'sentinel-'))
  const port = await freePort()
  const configFile = path.join(dataDir, 'sentinel.conf')
  // It keeps what it learns in this file.
  writeFileSync(configFile, configOf(port, primaryPort, dataDir), { mode: 0o600 })
  const ready = Promise.withResolvers<void>()
  const child = await startChild({
    command: redisProgram(),
    args: [configFile, '--sentinel'],
    tie: 'guard',
    onLine: (line) => {
      if (line.includes('+monitor master')) ready.resolve()
    },
  })
  await Promise.race([
    ready.promise,
    child.exited.then((how) => Promise.reject(new Error(`the Sentinel ended: ${how}`))),
  ])
  const ask: SentinelProcess['ask'] = (question) => askRedis({ port, password: SENTINEL_PASSWORD }, question)
  // A machine that is busy with tests is no reason to distrust the clock for half a minute.
  await ask((redis) => redis.call('SENTINEL', 'DEBUG', ...HASTE))
  return {
    port,
    ask,
    ready: () => until('the Sentinel knows of a replica', () => ask(hasReplica)),
    stop: async () => {
      await child.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

const HASTE = [
  'info-period',
  300,
  'ping-period',
  200,
  'publish-period',
  300,
  'ask-period',
  200,
  'min-link-reconnect-period',
  300,
  'tilt-trigger',
  60_000,
]

function configOf(port: number, primaryPort: number, dataDir: string): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${JSON.stringify(dataDir)}`,
    `requirepass ${SENTINEL_PASSWORD}`,
    `sentinel monitor ${PRIMARY_NAME} 127.0.0.1 ${primaryPort} 1`,
    `sentinel auth-pass ${PRIMARY_NAME} ${PASSWORD}`,
    `sentinel down-after-milliseconds ${PRIMARY_NAME} 2000`,
    `sentinel failover-timeout ${PRIMARY_NAME} 2000`,
    '',
  ].join('\n')
}

async function hasReplica(redis: Redis): Promise<boolean> {
  const replicas = (await redis.call('SENTINEL', 'REPLICAS', PRIMARY_NAME)) as string[][]
  return replicas.some(
    (flat) => fieldOf(flat, 'flags') === 'slave' && fieldOf(flat, 'master-link-status') === 'ok',
  )
}

const fieldOf = (flat: string[], name: string): string | undefined => flat[flat.indexOf(name) + 1]
