import { streamKey } from '@app/bus'
import { TagJob } from '@app/contracts'
import { startFaultyProxy } from '@app/infra'
import { realPostgres, testDatabase, testWorld, type World } from '@app/testkit'
import { expect, it, vi } from 'vitest'
import { defineWorker } from './index.ts'

const settles = { timeout: 30_000, interval: 50 }

/** A world whose way to Postgres can be cut, and another look at the same database that can't. */
async function twoWays() {
  const database = await testDatabase()
  const url = new URL(database.url)
  const proxy = await startFaultyProxy(Number(url.port))
  url.port = String(proxy.port)
  const world = await testWorld({ databaseUrl: url.href })
  const outside = await testWorld({ databaseUrl: database.url })
  return {
    ...{ world, outside, proxy },
    async [Symbol.asyncDispose]() {
      proxy.heal()
      await world[Symbol.asyncDispose]()
      await outside[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** A `tag` job, due. */
async function seedTag(world: World): Promise<string> {
  const book = await world.seedAudiobook()
  const id = book.job('tag')
  await world.db
    .deleteFrom('processing_jobs')
    .where('subject_id', '=', book.id)
    .where('id', '!=', id)
    .execute()
  await world.db
    .updateTable('processing_jobs')
    .set({ status: 'queued', waiting_on: 0, run_at: new Date(0) })
    .where('id', '=', id)
    .execute()
  return id
}

async function pendingOn(world: World): Promise<string[]> {
  const stream = streamKey(world.bus.prefix, 'tag', 'high')
  const pending = (await world.bus.redis.xpending(stream, 'workers', '-', '+', 100)) as [string][]
  return pending.map(([id]) => id)
}

it.skipIf(!realPostgres())(
  'with Postgres away reads nothing, renews its leases, acknowledges nothing, and commits when it is back',
  async () => {
    await using under = await twoWays()
    const { world, outside, proxy } = under
    const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const tagging = defineWorker(TagJob, {
      async run() {
        begun.resolve()
        await end.promise
        return { provider: 'test', model: 'test-1', tags: [] }
      },
      save: async () => ({ aiOutputId: crypto.randomUUID(), provider: 'test', model: 'test-1' }),
    })
    const finished = await seedTag(outside)
    await world.start([tagging], undefined, { concurrency: 2, leaseMs: 3_000 })
    await begun.promise
    const [held = ''] = await pendingOn(world)

    proxy.set({ refuses: true })
    proxy.cut()
    end.resolve()
    const waiting = await seedTag(outside)
    const stream = streamKey(world.bus.prefix, 'tag', 'high')
    const ticket = { v: 1 as const, type: 'tag', jobId: waiting, fence: 0 }
    await world.bus.publish([{ queue: 'tag', lane: 'high', ticket }])

    // Read at most once more and handed back five seconds later; then nobody reads, for longer than a lease lasts.
    const redisMs = async () => Number((await world.bus.redis.time())[0]) * 1_000
    const cutMs = await redisMs()
    await vi.waitFor(async () => {
      expect(await redisMs()).toBeGreaterThan(cutMs + 8_000)
      expect(await pendingOn(world)).toEqual([held])
    }, settles)
    const sinceMs = await redisMs()
    while ((await redisMs()) < sinceMs + 6_000) {
      expect(await pendingOn(world)).toEqual([held])
      expect(await world.bus.takeOver(stream, 'other', 1, 3_000)).toEqual([])
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(await world.bus.depth('tag')).toBe(2)
    proxy.heal()

    await vi.waitFor(async () => {
      expect(await outside.job(finished)).toMatchObject({
        status: 'completed',
        fence: 0,
        crashes: 0,
        attempts: 0,
      })
      expect(await outside.job(waiting)).toMatchObject({ status: 'completed', crashes: 0, attempts: 0 })
    }, settles)
    await vi.waitFor(async () => expect(await world.bus.depth('tag')).toBe(0), settles)
  },
)
