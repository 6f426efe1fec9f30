import { createBus, streamKey } from '@app/bus'
import { testWorld, type World } from '@app/testkit'
import { expect, it } from 'vitest'
import { sweepConsumers } from './consumer-sweeper.ts'

const HOUR_MS = 3_600_000
const streamOf = ({ bus }: World) => streamKey(bus.prefix, 'tag', 'normal')

async function consumersOf(world: World): Promise<string[]> {
  const answer = (await world.bus.redis.xinfo('CONSUMERS', streamOf(world), 'workers')) as [string, string][]
  return answer.map(([, name]) => name).sort()
}

/** Consumers that hold nothing. */
async function worldWith(...names: string[]): Promise<World> {
  const world = await testWorld()
  await world.bus.ensureGroups('tag')
  for (const name of names) await world.bus.redis.xgroup('CREATECONSUMER', streamOf(world), 'workers', name)
  return world
}

const sweep = (world: World, idleMs: number) =>
  sweepConsumers({ db: world.db, bus: world.bus, queues: ['tag', 'embed'], idleMs })

const beat = (world: World, id: string, beatAt: Date) =>
  world.db
    .insertInto('workers')
    .values({ id, service: 'test', queues: '[]', concurrency: 1, stale_after_ms: 15_000, beat_at: beatAt })
    .execute()

it('row 10: takes consumers of dead workers out of the group, and leaves those whose worker beats', async () => {
  await using world = await worldWith('dead', 'stale', 'living')
  const inAnHour = new Date(Date.now() + HOUR_MS)
  await beat(world, 'living', inAnHour)
  await beat(world, 'stale', new Date(0))

  expect(await sweep(world, 0)).toEqual(new Map([['tag', 2]]))

  expect(await consumersOf(world)).toEqual(['living'])
})

it('row 10: leaves a consumer that has done something within the time, by the clock of Redis', async () => {
  await using world = await worldWith('busy')

  expect(await sweep(world, HOUR_MS)).toEqual(new Map())

  expect(await consumersOf(world)).toEqual(['busy'])
})

it('row 11: loses no entry of a dead consumer: it stays until others have taken its entries over', async () => {
  await using world = await worldWith()
  const [stream, jobId] = [streamOf(world), crypto.randomUUID()]
  await world.bus.publish([{ queue: 'tag', lane: 'normal', ticket: { v: 1, type: 'tag', jobId, fence: 0 } }])
  await world.bus.readNew(stream, 'dead', 1)

  await sweep(world, 0)
  expect(await consumersOf(world)).toEqual(['dead'])

  await world.expireLeases('tag')
  const taken = await world.bus.takeOver(stream, 'next', 1, 12_000)
  expect(taken.map(({ ticket }) => JSON.parse(ticket).jobId)).toEqual([jobId])
  expect(await sweep(world, 0)).toEqual(new Map([['tag', 1]]))
  expect(await consumersOf(world)).toEqual(['next'])
})

it('row 11: looks again inside Redis: what was pending on nobody a moment ago may be now', async () => {
  await using world = await worldWith('dead')
  const stream = streamOf(world)
  const { redis } = world.bus
  // What the sweep saw before it asks for the removal: a consumer without entries.
  const stale = await redis.xinfo('CONSUMERS', stream, 'workers')
  expect(stale).toMatchObject([['name', 'dead', 'pending', 0, ...Array(2).fill(expect.anything())]])
  await world.bus.publish([
    { queue: 'tag', lane: 'normal', ticket: { v: 1, type: 'tag', jobId: crypto.randomUUID(), fence: 0 } },
  ])
  await world.bus.readNew(stream, 'dead', 1)
  const lagging = Object.assign(Object.create(redis), { xinfo: async () => stale })

  await createBus(lagging, world.bus.prefix).sweepConsumers({ queue: 'tag', idleMs: 0, living: new Set() })

  expect(await consumersOf(world)).toEqual(['dead'])
})
