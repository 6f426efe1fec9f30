import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import path from 'node:path'
import type { Worker } from 'node:worker_threads'
import { testRedis } from '@app/testkit'
import { expect, it, vi } from 'vitest'
import { connectRedis, createBus, type LeasedEntry, LeaseKeeper, streamKey, whenReady } from './index.ts'
import { startLeaseThread } from './lease-thread.ts'

/** Longer than any test takes: an entry with a smaller idle time has been renewed. */
const LONG_IDLE_MS = 600_000

/** A consumer that holds some entries, all of which look as if nobody had renewed them for ages. */
async function holder(count: number) {
  const { url, prefix } = testRedis()
  const redis = connectRedis(url, () => {})
  await whenReady(redis, 5_000)
  const bus = createBus(redis, prefix)
  const stream = streamKey(prefix, 'tag', 'normal')
  await bus.ensureGroups('tag')
  const ticket = () => ({ v: 1 as const, type: 'tag', jobId: randomUUID(), fence: 0 })
  await bus.publish(
    Array.from({ length: count }, () => ({ queue: 'tag', lane: 'normal' as const, ticket: ticket() })),
  )
  const entries: LeasedEntry[] = await bus.readNew(stream, 'me', count)
  const lost: LeasedEntry[] = []
  const errors: Error[] = []
  const threads: Worker[] = []
  const keeper = new LeaseKeeper<LeasedEntry>({
    ...{ url, consumer: 'me', leaseMs: 300 },
    startThread: (options) => {
      const thread = startLeaseThread(options)
      threads.push(thread)
      return thread
    },
    onLost: (entry) => lost.push(entry),
    onError: (error) => errors.push(error),
  })
  const neglect = async (consumer = 'me') => {
    for (const { entryId } of entries)
      await redis.xclaim(stream, 'workers', consumer, 0, entryId, 'IDLE', LONG_IDLE_MS, 'JUSTID')
  }
  await neglect()
  return {
    ...{ bus, stream, entries, keeper, lost, errors, threads, neglect },
    /** Which entries were renewed since they were last neglected. */
    async renewed(): Promise<boolean[]> {
      const pending = (await redis.xpending(stream, 'workers', '-', '+', count)) as [string, string, number][]
      return pending.map(([, , idleMs]) => idleMs < LONG_IDLE_MS)
    },
    async [Symbol.asyncDispose]() {
      await keeper.stop()
      const keys = await redis.keys(`${prefix}*`)
      await redis.del(...keys)
      redis.disconnect()
    },
  }
}

const settles = { timeout: 20_000, interval: 50 }

it('row 6: renews what is held, and not what is released or was never held', async () => {
  await using held = await holder(3)
  const [first, second] = held.entries
  if (!first || !second) throw new Error('nothing was read')
  held.keeper.hold(first)
  held.keeper.hold(second)
  held.keeper.start()

  await vi.waitFor(async () => expect(await held.renewed()).toEqual([true, true, false]), settles)
  held.keeper.release(first)
  await vi.waitFor(async () => {
    await held.neglect()
    await vi.waitFor(async () => expect((await held.renewed())[1]).toBe(true), settles)
    expect(await held.renewed()).toEqual([false, true, false])
  }, settles)
  expect(held.errors).toEqual([])
})

it('row 7: renews the lease of a run that blocks this thread', async () => {
  await using held = await holder(1)
  held.keeper.start()
  const [entry] = held.entries
  if (!entry) throw new Error('nothing was read')
  held.keeper.hold(entry)
  await vi.waitFor(async () => expect(await held.renewed()).toEqual([true]), settles)

  await held.keeper.begin(entry, 60_000)
  await held.neglect()
  // Ten leases, of which the last nine begin after this thread has long been silent.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000)

  const [[, , idleMs] = []] = (await held.bus.redis.xpending(held.stream, 'workers', '-', '+', 1)) as [
    string,
    string,
    number,
  ][]
  expect(idleMs).toBeLessThan(2_000)
})

it('keeps the slot of a run that blocks this thread, and none that was released', async () => {
  await using held = await holder(2)
  const { limits, redis } = held.bus
  held.keeper.start()
  for (const [index, entry] of held.entries.entries()) {
    const run = { jobId: `job-${index}`, fence: 0 }
    await limits.take({ kind: 'concurrency', key: 'gpu', most: 2 }, { ...run, flow: 'me', weight: 1 })
    held.keeper.hold(entry)
    await held.keeper.keepSlot(entry, limits.slotOf('gpu', run))
    await held.keeper.begin(entry, 60_000)
  }
  // It takes a thread a while to begin.
  await vi.waitFor(async () => expect(await held.renewed()).toEqual([true, true]), settles)

  // The thread is never told of it.
  await limits.releaseSlot('gpu', { jobId: 'job-1', fence: 0 })
  // As if nobody had said anything for a lease: a slot in the past is anybody's.
  const { holders, member } = limits.slotOf('gpu', { jobId: 'job-0', fence: 0 })
  await redis.zadd(holders, 1, member)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000)

  expect((await limits.holdersOf('gpu')).holders).toMatchObject([{ jobId: 'job-0', fence: 0 }])
})

it('row 6: tells once of an entry that another consumer has taken over, and leaves it to that one', async () => {
  await using held = await holder(2)
  held.keeper.start()
  for (const entry of held.entries) held.keeper.hold(entry)

  await held.neglect('other')
  await vi.waitFor(() => expect(held.lost).toHaveLength(2), settles)

  expect(held.lost).toEqual(held.entries)
  expect(await held.renewed()).toEqual([false, false])
})

it('row 7: goes on in a new thread where one has died', async () => {
  await using held = await holder(1)
  const [entry] = held.entries
  if (!entry) throw new Error('nothing was read')
  held.keeper.start()
  held.keeper.hold(entry)
  await vi.waitFor(async () => expect(await held.renewed()).toEqual([true]), settles)

  await held.threads[0]?.terminate()
  await held.neglect()

  await vi.waitFor(async () => expect(await held.renewed()).toEqual([true]), settles)
})

it('keeps no process alive', async () => {
  const program = path.join(import.meta.dirname, '../fixtures/forgetful-process.ts')

  const child = spawn(process.execPath, [program, testRedis().url, 'me'], { stdio: 'ignore' })

  try {
    expect(await once(child, 'exit', { signal: AbortSignal.timeout(60_000) })).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
  }
})
