import { type Bus, connectRedis, createBus, whenReady } from '@app/bus'
import type { Sample, Servers, Task } from '../contest/task.ts'
import { batchesOf, indexOf, QUEUE, ticketOf } from './job-ids.ts'
import { startConsumer } from './our-consumer.ts'
import { bytesPerJob } from './redis-memory.ts'
import { createTally } from './tally.ts'
import { createPickups, inParallel, throughputOf, until } from './timing.ts'

type Publishing = { jobs: number; batch: number; atOnce: number }

export const tasks = {
  publish: (servers, options: Publishing) =>
    onEmptyBus(servers, async (bus) => {
      const sample = await throughputOf(options.jobs, () => publish(bus, options))
      if ((await bus.depth(QUEUE)) !== options.jobs)
        throw new Error('the queue is not as deep as it should be')
      return sample
    }),

  consume: (servers, options: Publishing & { slots: number }) =>
    onEmptyBus(servers, async (bus) => {
      await publish(bus, options)
      const tally = createTally(options.jobs)
      let stop = async () => {}
      const sample = await throughputOf(options.jobs, async () => {
        const onTicket = (ticket: string) => tally.count(indexOf(JSON.parse(ticket).jobId))
        stop = startConsumer({ bus, url: servers.redisUrl, slots: options.slots, onTicket })
        await tally.all
        await until(async () => (await bus.depth(QUEUE)) === 0, 'everything was acknowledged')
      })
      await stop()
      tally.assertExact()
      return sample
    }),

  memory: (servers, options: Publishing) =>
    onEmptyBus(servers, async (bus) => ({
      bytes: await bytesPerJob(bus.redis, options.jobs, () => publish(bus, options)),
    })),

  pickup: (servers, options: { jobs: number; restMs: number }) =>
    onEmptyBus(servers, async (bus) => {
      const tally = createTally(options.jobs)
      const pickups = createPickups({ ...options, publish: (index) => publishAll(bus, [index]) })
      const onTicket = (ticket: string) => {
        pickups.started()
        tally.count(indexOf(JSON.parse(ticket).jobId))
      }
      const stop = startConsumer({ bus, url: servers.redisUrl, slots: 1, onTicket })
      const sample = await pickups.measure()
      await stop()
      tally.assertExact()
      return sample
    }),
} satisfies Record<string, Task<never>>

async function onEmptyBus({ redisUrl }: Servers, work: (bus: Bus) => Promise<Sample>): Promise<Sample> {
  const redis = connectRedis(redisUrl, () => {})
  try {
    await whenReady(redis, 5_000)
    await redis.flushall()
    return await work(createBus(redis, 'bench'))
  } finally {
    redis.disconnect()
  }
}

async function publish(bus: Bus, { jobs, batch, atOnce }: Publishing): Promise<void> {
  await inParallel(batchesOf(jobs, batch), atOnce, (indexes) => publishAll(bus, indexes))
}

async function publishAll(bus: Bus, indexes: readonly number[]): Promise<void> {
  const entryIds = await bus.publish(
    indexes.map((index) => ({ queue: QUEUE, lane: 'normal', ticket: ticketOf(index) })),
  )
  const failed = entryIds.find((entryId) => entryId instanceof Error)
  if (failed) throw failed
}
