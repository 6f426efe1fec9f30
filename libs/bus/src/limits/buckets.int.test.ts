import { randomUUID } from 'node:crypto'
import { deleteKeys, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { limitsInVirtualTime } from '../../fixtures/limits-in-virtual-time.ts'
import { createBus } from '../bus.ts'
import { connectRedis } from '../connect.ts'
import { whenReady } from '../redis-client.ts'
import type { Answer, Asker } from './asker.ts'
import { bucketOf, type RateLimit } from './limit.ts'

const TEN_A_SECOND: RateLimit = { kind: 'rate', key: 'openai/gpt-x', permits: 10, perMs: 1_000 }

const asker = (flow = 'normal:one', weight = 3): Asker => ({ jobId: randomUUID(), fence: 0, flow, weight })

async function openRedis() {
  const { url, prefix } = testRedis()
  const redis = connectRedis(url, () => {})
  await whenReady(redis, 5_000)
  return {
    url,
    prefix,
    redis,
    async [Symbol.asyncDispose]() {
      await deleteKeys(redis, prefix)
      redis.disconnect()
    },
  }
}

async function openBuckets() {
  const opened = await openRedis()
  const virtual = limitsInVirtualTime(opened.redis, opened.prefix)
  await virtual.setTo(virtual.now())
  return { ...opened, ...virtual, [Symbol.asyncDispose]: opened[Symbol.asyncDispose] }
}

type Buckets = Awaited<ReturnType<typeof openBuckets>>

/** In batches: a command that waits for thousands of others would time out on a busy machine. */
async function takeInTurn({ limits }: Buckets, askers: readonly Asker[]): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let first = 0; first < askers.length; first += 250) {
    const some = askers.slice(first, first + 250)
    answers.push(...(await Promise.all(some.map((one) => limits.take(TEN_A_SECOND, one)))))
  }
  return answers
}

interface Arrival {
  atMs: number
  asker: Asker
}

interface Served {
  asker: Asker
  atMs: number
  passes: number
}

/** Lets jobs come, be told to wait, and come back `lateMs` after their time, until all have had their token. */
async function serveAll(
  { limits, setTo }: Buckets,
  limit: RateLimit,
  arrivals: readonly Arrival[],
  {
    lateMs = () => 0,
    isGone = () => false,
  }: { lateMs?: () => number; isGone?: (one: Asker) => boolean } = {},
): Promise<Served[]> {
  const served: Served[] = []
  const passes = new Map<string, number>()
  let coming = [...arrivals]
  while (coming.length > 0) {
    const atMs = Math.min(...coming.map((one) => one.atMs))
    const here = coming.filter((one) => one.atMs === atMs)
    coming = coming.filter((one) => one.atMs !== atMs)
    await setTo(atMs)
    const answers = await Promise.all(here.map((one) => limits.take(limit, one.asker)))
    for (const [index, { granted, waitMs }] of answers.entries()) {
      const one = here[index]?.asker ?? asker()
      passes.set(one.jobId, (passes.get(one.jobId) ?? 0) + 1)
      if (granted) served.push({ asker: one, atMs, passes: passes.get(one.jobId) ?? 0 })
      else if (!isGone(one)) coming.push({ asker: one, atMs: atMs + waitMs + lateMs() })
    }
  }
  return served
}

/** No stretch of time saw more tokens than the bucket held and gained. */
function expectWithinRate(limit: RateLimit, served: readonly Served[]): void {
  const { intervalUs, burst } = bucketOf(limit)
  const times = served.map((one) => one.atMs).sort((a, b) => a - b)
  const tooMany = times.flatMap((from, first) =>
    times.flatMap((to, last) =>
      last >= first && last - first + 1 > burst + ((to - from) * 1_000) / intervalUs
        ? [{ from, to, taken: last - first + 1 }]
        : [],
    ),
  )
  expect(tooMany).toEqual([])
}

/** A seeded generator (mulberry32): a failure comes again. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

it('tells each job of a backlog of 10,000 its own time, exactly at the rate', async () => {
  await using buckets = await openBuckets()
  const backlog = Array.from({ length: 10_000 }, () => asker())

  const answers = await takeInTurn(buckets, backlog)

  expect(answers.filter((answer) => answer.granted)).toHaveLength(10)
  expect(answers.slice(0, 10).every((answer) => answer.granted)).toBe(true)
  expect(answers.slice(10).map((answer) => answer.waitMs)).toEqual(
    Array.from({ length: 9_990 }, (_, index) => (index + 1) * 100),
  )
})

it('gives each job of a backlog its token when it comes back, once, and in order', async () => {
  await using buckets = await openBuckets()
  const backlog = Array.from({ length: 500 }, () => ({ atMs: 1_000_000, asker: asker() }))

  const served = await serveAll(buckets, TEN_A_SECOND, backlog)

  expect(served.map((one) => one.asker.jobId)).toEqual(backlog.map((one) => one.asker.jobId))
  expect(served.every((one) => one.passes <= 2)).toBe(true)
  expect(served.at(-1)?.atMs).toBe(1_000_000 + 490 * 100)
  expectWithinRate(TEN_A_SECOND, served)
})

it.each([1, 2, 3, 4, 5, 6])(
  'keeps to the rate whoever comes when, on time, late or never again, and serves all who do (seed %d)',
  async (seed) => {
    await using buckets = await openBuckets()
    const random = seeded(seed)
    const limit: RateLimit = {
      kind: 'rate',
      key: `k${seed}`,
      permits: 1 + Math.floor(random() * 50),
      perMs: 1_000,
      burst: 1 + Math.floor(random() * 20),
    }
    const arrivals = Array.from({ length: 300 }, () => ({
      atMs: 1_000_000 + Math.floor(random() ** 2 * 20_000),
      asker: asker(`flow ${Math.floor(random() * 4)}`, [1, 3, 8][Math.floor(random() * 3)]),
    }))
    const gone = new Set(arrivals.filter(() => random() < 0.1).map((one) => one.asker.jobId))

    const served = await serveAll(buckets, limit, arrivals, {
      lateMs: () => (random() < 0.5 ? Math.floor(random() * 80) : 0),
      isGone: (one) => gone.has(one.jobId),
    })

    expectWithinRate(limit, served)
    expect(served.length).toBeGreaterThanOrEqual(300 - gone.size)
    expect(new Set(served.map((one) => one.asker.jobId)).size).toBe(served.length)
    expect(Math.max(...served.map((one) => one.passes))).toBeLessThan(30)
  },
)

it('spreads a crowd that comes back late all at once, in the order it waited in', async () => {
  await using buckets = await openBuckets()
  const backlog = Array.from({ length: 100 }, () => asker())
  await Promise.all(backlog.map((one) => buckets.limits.take(TEN_A_SECOND, one)))
  const waiting = backlog.slice(10)

  const served = await serveAll(
    buckets,
    TEN_A_SECOND,
    // As after ten minutes without a worker, and the last comes first.
    waiting.toReversed().map((one) => ({ asker: one, atMs: 1_600_000 })),
  )

  expectWithinRate(TEN_A_SECOND, served)
  // A full bucket goes to whoever is there first; then the order is that of the line.
  const later = served.slice(10).map((one) => waiting.indexOf(one.asker))
  expect(later).toEqual(later.toSorted((a, b) => a - b))
  expect(Math.max(...served.map((one) => one.passes))).toBe(2)
})

it('keeps a token for the job that was told to come for it, and not for ever', async () => {
  await using buckets = await openBuckets()
  const { limits, setTo } = buckets
  const limit: RateLimit = { ...TEN_A_SECOND, burst: 1 }
  await limits.take(limit, asker())
  const told = asker()
  await limits.take(limit, told)

  await setTo(1_000_101)
  const newcomer = asker()
  expect(await limits.take(limit, newcomer)).toMatchObject({ granted: false, waitMs: 100 })
  expect(await limits.take(limit, told)).toMatchObject({ granted: true })
  await setTo(1_000_201)
  expect(await limits.take(limit, newcomer)).toMatchObject({ granted: true })

  const lost = asker()
  expect(await limits.take(limit, lost)).toMatchObject({ granted: false })
  await setTo(1_010_000)
  expect(await limits.take(limit, asker())).toMatchObject({ granted: true })
})

it('serves owners in turn: ten jobs behind ten thousand of somebody else wait for twenty tokens', async () => {
  await using buckets = await openBuckets()
  const { limits } = buckets
  const backlog = Array.from({ length: 10_000 }, () => asker('normal:one'))
  await takeInTurn(buckets, backlog)

  const answers = await Promise.all(
    Array.from({ length: 10 }, () => limits.take(TEN_A_SECOND, asker('normal:other'))),
  )

  expect(Math.max(...answers.map((answer) => answer.waitMs))).toBeLessThanOrEqual(2_100)
})

it('serves a heavier lane more often, and starves no lane', async () => {
  await using buckets = await openBuckets()
  const lanes = [asker('high:one', 8), asker('normal:one', 3), asker('low:one', 1)]
  const arrivals = lanes.flatMap((lane) =>
    Array.from({ length: 120 }, () => ({ atMs: 1_000_000, asker: { ...lane, jobId: randomUUID() } })),
  )

  const served = await serveAll(buckets, { ...TEN_A_SECOND, burst: 1 }, arrivals)

  const firsts = served.slice(1, 121).map((one) => one.asker.flow)
  const share = (flow: string) => firsts.filter((one) => one === flow).length / firsts.length
  expect(share('high:one')).toBeCloseTo(8 / 12, 1)
  expect(share('normal:one')).toBeCloseTo(3 / 12, 1)
  expect(share('low:one')).toBeGreaterThanOrEqual(0.07)
  expectWithinRate({ ...TEN_A_SECOND, burst: 1 }, served)
})

it('gives nothing for as long as a provider says, then one token at a time', async () => {
  await using buckets = await openBuckets()
  const { limits, setTo } = buckets
  await limits.learn(TEN_A_SECOND, { emptyForMs: 20_000 })
  // A shorter wait from another answer does not take the longer one back.
  await limits.learn(TEN_A_SECOND, { emptyForMs: 1_000 })

  const waits = await Promise.all(
    Array.from({ length: 3 }, async () => (await limits.take(TEN_A_SECOND, asker())).waitMs),
  )

  expect(waits).toEqual([20_000, 20_100, 20_200])
  await setTo(1_019_999)
  expect(await limits.bucketState(TEN_A_SECOND.key)).toMatchObject({ tokens: 0, refillsInMs: 1, waiting: 3 })
  await setTo(1_020_000)
  expect(await limits.bucketState(TEN_A_SECOND.key)).toMatchObject({ tokens: 1, refillsInMs: 0 })
})

it('holds no more tokens than the provider says are left, and never more than before', async () => {
  await using buckets = await openBuckets()
  const { limits } = buckets
  const tokens = async () => (await limits.bucketState(TEN_A_SECOND.key))?.tokens

  await limits.learn(TEN_A_SECOND, { left: 500 })
  expect(await tokens()).toBe(10)
  await limits.learn(TEN_A_SECOND, { left: 4 })
  expect(await tokens()).toBe(4)
  await limits.learn(TEN_A_SECOND, { left: 9 })
  expect(await tokens()).toBe(4)
  await limits.learn(TEN_A_SECOND, { left: 0 })
  expect(await tokens()).toBe(0)
})

it('gives an unused token back, and the job its place in front of those who came later', async () => {
  await using buckets = await openBuckets()
  const { limits, setTo } = buckets
  const limit: RateLimit = { ...TEN_A_SECOND, burst: 1 }
  const first = asker()
  const { place } = await limits.take(limit, first)
  const [second, third] = [asker(), asker()]
  await limits.take(limit, second)

  const waitMs = await limits.rejoin(limit, first.jobId, { place, returned: true, leastMs: 250 })

  expect(waitMs).toBe(250)
  expect(await limits.take(limit, third)).toMatchObject({ granted: false, waitMs: 200 })
  await setTo(1_000_100)
  expect(await limits.take(limit, second)).toMatchObject({ granted: true })
  await setTo(1_000_250)
  expect(await limits.take(limit, first)).toMatchObject({ granted: true })
  await setTo(1_000_350)
  expect(await limits.take(limit, third)).toMatchObject({ granted: true })
})

it('brings those forward who wait behind jobs that are gone, or at a rate that was raised', async () => {
  await using buckets = await openBuckets()
  const { limits } = buckets
  const slow: RateLimit = { kind: 'rate', key: 'k', permits: 1, perMs: 10_000 }
  const waiting = Array.from({ length: 5 }, () => asker())
  await limits.take(slow, asker())
  for (const one of waiting) await limits.take(slow, one)
  const [gone, ...rest] = waiting.map((one) => one.jobId)

  expect(await limits.bringForward('k', [gone ?? ''])).toEqual(
    rest.map((jobId, index) => ({ jobId, waitMs: (index + 1) * 10_000 })),
  )
  expect(await limits.bringForward('k')).toEqual([])
  await limits.take({ ...slow, perMs: 1_000 }, asker())

  expect(await limits.bringForward('k')).toEqual(
    rest.map((jobId, index) => ({ jobId, waitMs: (index + 1) * 1_000 })),
  )
})

it('names whoever was told to come and has not, to one process at a time', async () => {
  await using buckets = await openBuckets()
  const { limits, setTo } = buckets
  const limit: RateLimit = { ...TEN_A_SECOND, burst: 1 }
  const missing = asker()
  await limits.take(limit, asker())
  await limits.take(limit, missing)

  expect(await limits.missing(limit)).toEqual([])
  expect(await limits.missing(limit)).toBeUndefined()
  await setTo(1_006_000)
  expect(await limits.missing(limit)).toEqual([missing.jobId])
})

it('forgets who has not come for an hour', async () => {
  await using buckets = await openBuckets()
  const { limits, setTo, redis, prefix } = buckets
  const limit: RateLimit = { ...TEN_A_SECOND, burst: 1 }
  await limits.take(limit, asker())
  await limits.take(limit, asker())

  await setTo(1_000_000 + 3_700_000)
  await limits.take(limit, asker())

  expect(await limits.bucketState(limit.key)).toMatchObject({ waiting: 0 })
  expect(await redis.exists(`${prefix}:rate:{${limit.key}}:line`)).toBe(0)
})

it('begins again with a full bucket where Redis was emptied, for those who wait as well', async () => {
  await using buckets = await openBuckets()
  const { limits, setTo, redis, prefix } = buckets
  const limit: RateLimit = { ...TEN_A_SECOND, burst: 2 }
  const waiting = asker()
  await limits.take(limit, asker())
  await limits.take(limit, asker())
  await limits.take(limit, waiting)

  await redis.del(...(await redis.keys(`${prefix}:rate*`)))
  await setTo(1_000_050)

  expect(await limits.bucketState(limit.key)).toBeUndefined()
  expect(await limits.missing(limit)).toEqual([])
  expect(await limits.bringForward(limit.key)).toEqual([])
  expect(await limits.take(limit, waiting)).toMatchObject({ granted: true })
})

it('shares one bucket between connections, by the server’s clock', async () => {
  await using opened = await openRedis()
  const limit: RateLimit = { kind: 'rate', key: 'k', permits: 1, perMs: 3_600_000, burst: 25 }
  const instances = Array.from({ length: 4 }, () => connectRedis(opened.url, () => {}))
  await Promise.all(instances.map((redis) => whenReady(redis, 5_000)))

  const answers = await Promise.all(
    instances.flatMap((redis) => {
      const { limits } = createBus(redis, opened.prefix)
      return Array.from({ length: 100 }, () => limits.take(limit, asker()))
    }),
  )
  for (const redis of instances) redis.disconnect()

  expect(answers.filter((answer) => answer.granted)).toHaveLength(25)
  const waits = answers.flatMap(({ granted, waitMs }) => (granted ? [] : [waitMs])).sort((a, b) => a - b)
  // Each its own token, an hour apart: so far that no pause of a test is of account.
  expect(waits.map((ms) => Math.round(ms / 3_600_000))).toEqual(waits.map((_, index) => index + 1))
})

it('keeps all that belongs to one limit in one slot of a cluster, and for a while only', async () => {
  await using opened = await openRedis()
  const { limits } = createBus(opened.redis, opened.prefix)
  const rate: RateLimit = { kind: 'rate', key: 'k', permits: 1, perMs: 60_000 }
  for (let index = 0; index < 2; index += 1) {
    await limits.take(rate, asker())
    await limits.take({ kind: 'concurrency', key: 'k', most: 1 }, asker())
  }

  const keys = await opened.redis.keys(`${opened.prefix}*`)

  expect(keys).toHaveLength(9)
  expect(keys.filter((key) => /\{(.*?)\}/.exec(key)?.[1] !== 'k')).toEqual([])
  for (const key of keys) expect(await opened.redis.ttl(key)).toBeGreaterThan(3_600)
})

it('is empty for no longer than it takes to fill, where the clock was ahead and is set right', async () => {
  await using buckets = await openBuckets()
  const { limits, setTo, now } = buckets
  await setTo(now() + 3_600_000)
  for (let taken = 0; taken < 10; taken += 1) await limits.take(TEN_A_SECOND, asker())
  await setTo(now() - 3_600_000)

  const { granted, waitMs } = await limits.take(TEN_A_SECOND, asker())

  expect({ granted, waitMs }).toEqual({ granted: false, waitMs: 100 })
})

it('looks after a line again at once where the clock was ahead and is set right', async () => {
  await using buckets = await openBuckets()
  const { limits, setTo, now } = buckets
  await setTo(now() + 3_600_000)
  await limits.missing(TEN_A_SECOND)
  await setTo(now() - 3_600_000)

  expect(await limits.missing(TEN_A_SECOND)).toEqual([])
  expect(await limits.missing(TEN_A_SECOND)).toBeUndefined()
})

it('remembers only flows that wait in the line, though it is never empty', async () => {
  await using buckets = await openBuckets()
  const { limits, setTo, now, redis, prefix } = buckets
  const one: RateLimit = { kind: 'rate', key: 'k', permits: 1, perMs: 1_000 }
  const waiting = [asker('normal:a'), asker('normal:b')]
  await limits.take(one, asker('normal:first'))
  for (const each of waiting) await limits.take(one, each)
  for (let flow = 0; flow < 20; flow += 1) {
    await setTo(now() + 10_000)
    const [next] = waiting.splice(0, 1)
    if (next) expect(await limits.take(one, next)).toMatchObject({ granted: true })
    waiting.push(asker(`normal:${flow}`))
    for (const each of waiting) await limits.take(one, each)
  }

  const remembered = Object.keys(await redis.hgetall(`${prefix}:rate:{k}:flows`))
  expect(remembered.sort()).toEqual(waiting.map(({ flow }) => flow).sort())
})
