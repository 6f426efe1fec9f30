import { createLogger, runService, Secret } from '@app/runtime'
import { type OwnRedis, ownCluster, ownRedis, testDatabase } from '@app/testkit'
import { expect, it, vi } from 'vitest'
import { openConnections } from './index.ts'

const EVICTING = ['maxmemory-policy allkeys-lru']

/** Runs a service that has nothing but its connections; resolves with its exit code and its reason. */
async function serviceOn(redis: OwnRedis) {
  const database = await testDatabase()
  const lines: string[] = []
  const log = createLogger('test', 'error', { write: (line) => lines.push(line) })
  const config = {
    DATABASE_URL: new Secret(database.url),
    REDIS_URL: new Secret(redis.url),
    QUEUE_PREFIX: redis.prefix,
  }
  const exited = Promise.withResolvers<number>()
  const { part } = openConnections(config, log)
  const service = await runService({ log, parts: [part], exit: exited.resolve, exitWithParent: false })
  return {
    exited: exited.promise,
    stop: () => service.stop(),
    reason: () => lines.join(''),
    [Symbol.asyncDispose]: async () => {
      await service.stop()
      await database[Symbol.asyncDispose]()
    },
  }
}

it('row 28: refuses to start on a Redis that drops keys when it is full, though CONFIG is forbidden', async () => {
  await using redis = await ownRedis([...EVICTING, 'rename-command CONFIG ""'])
  await using service = await serviceOn(redis)

  expect(await service.exited).toBe(1)
  expect(service.reason()).toContain('its maxmemory-policy is allkeys-lru. Set it to noeviction')
})

it('row 28: refuses a Cluster of which one node drops keys', async () => {
  await using cluster = await ownCluster()
  await cluster.nodes[1]?.ask((redis) => redis.config('SET', 'maxmemory-policy', 'volatile-lru'))
  await using service = await serviceOn(cluster)

  expect(await service.exited).toBe(1)
  expect(service.reason()).toContain('volatile-lru')
})

it('starts without a Redis, and refuses the one that comes if it is unfit', async () => {
  await using redis = await ownRedis(EVICTING)
  await redis.kill()
  await using service = await serviceOn(redis)
  expect(service.reason()).toBe('')

  await redis.revive()

  expect(await service.exited).toBe(1)
  expect(service.reason()).toContain('allkeys-lru')
})

it('goes on with a Redis that was fit when it started, and complains', async () => {
  await using redis = await ownRedis()
  await using service = await serviceOn(redis)
  await redis.ask((it) => it.config('SET', 'maxmemory-policy', 'allkeys-lru'))

  await redis.disturb('')
  await vi.waitUntil(() => service.reason() !== '', { timeout: 60_000 })

  expect(service.reason()).toContain('not fit to hold tickets')
  expect(await service.stop()).toBe(0)
})
