import { randomUUID } from 'node:crypto'
import { deleteKeys, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { limitsInVirtualTime } from '../../fixtures/limits-in-virtual-time.ts'
import { connectRedis } from '../connect.ts'
import { whenReady } from '../redis-client.ts'
import type { Asker } from './asker.ts'
import type { ConcurrencyLimit } from './limit.ts'

const limit = (most: number): ConcurrencyLimit => ({ kind: 'concurrency', key: 'k', most })
const granted = { granted: true }
const denied = { granted: false }

const asker = (flow = 'normal:one'): Asker => ({ jobId: randomUUID(), fence: 0, flow, weight: 3 })

async function openSlots() {
  const { url, prefix } = testRedis()
  const redis = connectRedis(url, () => {})
  await whenReady(redis, 5_000)
  const virtual = limitsInVirtualTime(redis, prefix)
  await virtual.setTo(virtual.now())
  return {
    ...virtual,
    empty: async () => redis.del(...(await redis.keys(`${prefix}:concurrency*`))),
    async [Symbol.asyncDispose]() {
      await deleteKeys(redis, prefix)
      redis.disconnect()
    },
  }
}

it('gives as many slots as there are, and calls the next when one is released', async () => {
  await using slots = await openSlots()
  const { limits, setTo } = slots
  const [one, two, three, four] = [asker(), asker(), asker(), asker()]

  expect(await limits.take(limit(2), one)).toMatchObject(granted)
  expect(await limits.take(limit(2), two)).toMatchObject(granted)
  expect(await limits.take(limit(2), three)).toMatchObject({ granted: false, waitMs: 15_000 })
  expect(await limits.take(limit(2), four)).toMatchObject({ granted: false, waitMs: 22_500 })

  await setTo(1_001_000)
  expect(await limits.releaseSlot('k', two)).toEqual([three.jobId])
  expect(await limits.take(limit(2), three)).toMatchObject(granted)
  expect(await limits.holdersOf('k')).toEqual({
    most: 2,
    waiting: 1,
    holders: [
      { jobId: one.jobId, fence: 0, leaseEndsInMs: 29_000 },
      { jobId: three.jobId, fence: 0, leaseEndsInMs: 30_000 },
    ],
  })
})

it('calls in the order of waiting, whoever looks by itself meanwhile', async () => {
  await using slots = await openSlots()
  const { limits, setTo, now } = slots
  const waiting = Array.from({ length: 5 }, () => asker())
  let holder = asker()
  await limits.take(limit(1), holder)
  for (const one of waiting) await limits.take(limit(1), one)
  for (const one of waiting.toReversed()) await limits.take(limit(1), one)

  for (const one of waiting) {
    await setTo(now() + 1_000)
    expect(await limits.releaseSlot('k', holder)).toEqual([one.jobId])
    expect(await limits.take(limit(1), one)).toMatchObject(granted)
    holder = one
  }
})

it('serves owners in turn', async () => {
  await using slots = await openSlots()
  const { limits } = slots
  const [holder, other] = [asker(), asker('normal:other')]
  await limits.take(limit(1), holder)
  for (let index = 0; index < 20; index += 1) await limits.take(limit(1), asker())
  await limits.take(limit(1), other)

  const first = await limits.releaseSlot('k', holder)
  const second = await limits.callNext('k', first)

  expect([...first, ...second]).toContain(other.jobId)
})

it('keeps a slot for whoever was called, until it is late: then it goes to whoever is there', async () => {
  await using slots = await openSlots()
  const { limits, setTo } = slots
  const [holder, called, newcomer] = [asker(), asker(), asker()]
  await limits.take(limit(1), holder)
  await limits.take(limit(1), called)
  await limits.releaseSlot('k', holder)

  expect(await limits.take(limit(1), newcomer)).toMatchObject(denied)
  await setTo(1_005_001)
  const third = asker()
  const answer = await limits.take(limit(1), third)

  // The newcomer stands before it and is called; the one who was late still has its place.
  expect(answer).toMatchObject({ granted: false, called: [newcomer.jobId] })
  expect(await limits.take(limit(1), newcomer)).toMatchObject(granted)
  expect(await limits.releaseSlot('k', newcomer)).toEqual([third.jobId])
  expect(await limits.take(limit(1), called)).toMatchObject(granted)
})

it('frees the slot of a holder that says nothing any more, and keeps that of one that does', async () => {
  await using slots = await openSlots()
  const { limits, setTo } = slots
  const [dead, alive, waiting] = [asker(), asker(), asker()]
  await limits.take(limit(2), dead)
  await limits.take(limit(2), alive)
  await limits.take(limit(2), waiting)

  await setTo(1_020_000)
  await limits.renewSlots('k', [alive])
  expect(await limits.take(limit(2), waiting)).toMatchObject(denied)
  await setTo(1_030_001)

  expect(await limits.callNext('k', [])).toEqual([waiting.jobId])
  expect(await limits.take(limit(2), waiting)).toMatchObject(granted)
  expect(await limits.take(limit(2), asker())).toMatchObject(denied)
})

it('gives the next run of a job the slot that an earlier run of it still holds', async () => {
  await using slots = await openSlots()
  const { limits } = slots
  const crashed = asker()
  await limits.take(limit(1), crashed)
  await limits.take(limit(1), asker())
  const takenOver = { ...crashed, fence: 1 }

  expect(await limits.take(limit(1), takenOver)).toMatchObject(granted)

  expect((await limits.holdersOf('k')).holders).toMatchObject([{ jobId: crashed.jobId, fence: 1 }])
  // The zombie lets go of nothing.
  expect(await limits.releaseSlot('k', crashed)).toEqual([])
  expect((await limits.holdersOf('k')).holders).toHaveLength(1)
})

it('calls the next where the one that was called is gone', async () => {
  await using slots = await openSlots()
  const { limits } = slots
  const [holder, gone, next] = [asker(), asker(), asker()]
  await limits.take(limit(1), holder)
  await limits.take(limit(1), gone)
  await limits.take(limit(1), next)

  expect(await limits.releaseSlot('k', holder)).toEqual([gone.jobId])
  expect(await limits.callNext('k', [gone.jobId])).toEqual([next.jobId])
  expect(await limits.callNext('k', [])).toEqual([])
})

it('has every slot free where Redis was emptied, but for runs that go on and say so', async () => {
  await using slots = await openSlots()
  const { limits, empty } = slots
  const [running, dead] = [asker(), asker()]
  await limits.take(limit(2), running)
  await limits.take(limit(2), dead)

  await empty()
  await limits.renewSlots('k', [running])

  expect(await limits.holdersOf('k')).toMatchObject({
    most: undefined,
    waiting: 0,
    holders: [running].map(({ jobId }) => ({ jobId })),
  })
  expect(await limits.releaseSlot('k', dead)).toEqual([])
  expect(await limits.take(limit(2), asker())).toMatchObject(granted)
  expect(await limits.take(limit(2), asker())).toMatchObject(denied)
})

it('lets a raised limit call as many as it has room for', async () => {
  await using slots = await openSlots()
  const { limits } = slots
  const waiting = Array.from({ length: 4 }, () => asker())
  await limits.take(limit(1), asker())
  for (const one of waiting) await limits.take(limit(1), one)

  const answer = await limits.take(limit(4), asker())

  expect(answer).toMatchObject({ granted: false, called: waiting.slice(0, 3).map((one) => one.jobId) })
})

it('frees the slot of a dead holder within its lease, where the clock was ahead and is set right', async () => {
  await using slots = await openSlots()
  const { limits, setTo, now } = slots
  const [dead, waiting] = [asker(), asker()]
  await setTo(now() + 3_600_000)
  await limits.take(limit(1), dead)
  await setTo(now() - 3_600_000)

  expect(await limits.take(limit(1), waiting)).toMatchObject(denied)
  await setTo(now() + 30_001)

  expect(await limits.take(limit(1), waiting)).toMatchObject(granted)
})
