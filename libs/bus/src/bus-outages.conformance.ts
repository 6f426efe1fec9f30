import { setTimeout as delay } from 'node:timers/promises'
import { Cluster } from 'ioredis'
import { expect, it, vi } from 'vitest'
import type { RedisClient } from './index.ts'
import {
  type BusUnderTest,
  idOf,
  PATIENCE,
  publishTen,
  startConsumer,
  ticket,
  untilWorks,
} from './testing/bus-under-test.ts'

/** What the bus does while a Redis of any kind is away, silent, broken or moved, and afterwards. */
export function outageTests({ server, open }: BusUnderTest): void {
  it('row 20: never tries in a hot loop what can not work, and makes the group anew when it can', async () => {
    await using opened = await open()
    const { bus, url, stream } = opened
    const [handled, seen] = [new Set<string>(), [] as string[]]
    const consumer = startConsumer({ bus, url, handled, onError: (error) => seen.push(error.message) })
    const before = await publishTen(bus)
    await vi.waitUntil(() => before.every((id) => handled.has(id)), PATIENCE)
    await bus.redis.del(stream, `${stream}:high`, `${stream}:low`)
    await bus.redis.set(stream, 'no stream')
    const errorsBefore = await repliesWithError(bus.redis, 'WRONGTYPE')
    await vi.waitUntil(() => seen.length > 0, PATIENCE)

    await delay(3_000)
    const errors = (await repliesWithError(bus.redis, 'WRONGTYPE')) - errorsBefore
    await bus.redis.del(stream)
    const ids = await publishTen(bus)
    await vi.waitUntil(() => ids.every((id) => handled.has(id)), PATIENCE)
    await consumer.stop()

    expect(errors).toBeLessThan(12)
  })

  it('row 17: fails at once while Redis is away, and works again when it is back', async () => {
    await using opened = await open()
    const { bus, reader } = opened
    const one = ticket()
    await server().kill()

    expect(await bus.publish([{ queue: 'tag', lane: 'normal', ticket: ticket() }])).toEqual([
      expect.any(Error),
    ])
    await expect(opened.read(1)).rejects.toThrow()
    await expect(reader.next()).rejects.toThrow()
    await server().revive()
    // What was written in the second before the kill may be lost, the group too.
    await untilWorks(() => bus.ensureGroups('tag'))
    await bus.publish([{ queue: 'tag', lane: 'normal', ticket: one }])

    expect((await opened.read(10)).map((delivery) => idOf(delivery.ticket))).toContain(one.jobId)
  })

  it('row 17: waits for ever neither with a command nor with a read when Redis answers nothing any more', async () => {
    await using opened = await open()
    const { bus, reader } = opened
    await reader.next()
    await server().freeze()

    const answers = await Promise.allSettled([
      bus.publish([{ queue: 'tag', lane: 'normal', ticket: ticket() }]),
      opened.read(1),
      bus.depth('tag'),
      reader.next(),
    ])
    await server().thaw()
    await untilWorks(() => bus.ensureGroups('tag'))
    await untilWorks(() => reader.next())

    expect(answers).toMatchObject([
      { value: [expect.any(Error)] },
      { status: 'rejected' },
      { status: 'rejected' },
      { status: 'rejected' },
    ])
  })

  it('row 27: goes on by itself after what happens to a Redis of this kind', async () => {
    await using opened = await open()
    const { bus, url, stream } = opened
    const handled = new Set<string>()
    const consumer = startConsumer({ bus, url, handled })
    const [before, after] = [await publishTen(bus), [] as string[]]
    await vi.waitUntil(() => before.every((id) => handled.has(id)), PATIENCE)

    await server().disturb(stream)
    await untilWorks(async () => after.push(...(await publishTen(bus))))
    await vi.waitUntil(() => after.every((id) => handled.has(id)), PATIENCE)
    await consumer.stop()

    expect(await bus.depth('tag')).toBe(0)
  })
}

/** How often the servers have answered with this error so far. */
async function repliesWithError(redis: RedisClient, code: string): Promise<number> {
  const nodes = redis instanceof Cluster ? redis.nodes('master') : [redis]
  const stats = await Promise.all(nodes.map((node: Pick<RedisClient, 'info'>) => node.info('errorstats')))
  const counts = stats.map((text) => new RegExp(`errorstat_${code}:count=(\\d+)`).exec(text)?.[1] ?? 0)
  return counts.reduce((sum: number, count) => sum + Number(count), 0)
}
