import { createHash } from 'node:crypto'
import { createMetrics, loadConfig } from '@app/runtime'
import { testWorld, type World } from '@app/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { createAnswerCache } from './answer-cache.ts'
import { openProviders } from './open-providers.ts'
import { createProviderMetrics } from './provider-metrics.ts'
import { providersConfig } from './providers-config.ts'

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const schema = z.object({ text: z.string() })
/** Some 3 KB when packed, the same each time. */
const long = (text: string) =>
  Array.from({ length: 95 }, (_, index) => createHash('sha256').update(`${text}${index}`).digest('hex')).join(
    '',
  )

function cacheOf({ mostBytes = 1_000_000, redis = world.bus.redis } = {}) {
  const metrics = createProviderMetrics()
  const { prefix } = world.bus
  const cache = createAnswerCache({
    ...{ redis, prefix, metrics, mostBytes },
    log: world.log,
    lifetimeMs: 60_000,
  })
  let made = 0
  return {
    cache,
    ask: (kind: string, key: readonly unknown[], text = 'said', as: z.ZodType<{ text: string }> = schema) =>
      cache.cached({ kind, key, schema: as }, async () => {
        made += 1
        return { text }
      }),
    made: () => made,
    counted: async () =>
      (await metrics.metrics.exposition()).text
        .split('\n')
        .filter((line) => line.startsWith('scriptorium_provider_cache')),
  }
}

it('keeps no answer that is for its asker only', async () => {
  const { cache } = cacheOf()
  const asked = { kind: 'transcript', key: ['own'], schema }
  const isKept = ({ text }: { text: string }) => text !== 'own'

  const answers = [
    await cache.cached({ ...asked, isKept }, async () => ({ text: 'own' })),
    await cache.cached({ ...asked, isKept }, async () => ({ text: 'said' })),
    await cache.cached({ ...asked, isKept }, async () => ({ text: 'other' })),
  ]

  expect(answers.map(({ text }) => text)).toEqual(['own', 'said', 'said'])
})

it('answers the same question once, whatever the order of its settings', async () => {
  const { ask, made, counted } = cacheOf()

  const answers = [
    await ask('transcript', ['hash', { model: 'm', language: 'en' }]),
    await ask('transcript', ['hash', { language: 'en', model: 'm' }], 'other'),
    await ask('transcript', ['hash', { language: 'de', model: 'm' }], 'other'),
    await ask('summary', ['hash', { language: 'en', model: 'm' }], 'other'),
  ]

  expect(answers.map(({ text }) => text)).toEqual(['said', 'said', 'other', 'other'])
  expect(made()).toBe(3)
  expect(await counted()).toEqual([
    'scriptorium_provider_cache_total{kind="transcript",outcome="miss"} 2',
    'scriptorium_provider_cache_total{kind="transcript",outcome="hit"} 1',
    'scriptorium_provider_cache_total{kind="summary",outcome="miss"} 1',
  ])
})

it('takes what another version wrote, and what is no answer at all, for a miss', async () => {
  const { ask, made } = cacheOf()
  await ask('shape', ['a'])
  const [key = ''] = await world.bus.redis.keys(`${world.bus.prefix}:{answers}:shape:*`)

  await ask(
    'shape',
    ['a'],
    'new',
    schema.refine(({ text }) => text === 'new'),
  )
  await world.bus.redis.set(key, 'not packed')
  await ask('shape', ['a'], 'newest')

  expect(made()).toBe(3)
  expect(await ask('shape', ['a'])).toEqual({ text: 'newest' })
})

it('forgets the oldest where all together grow too large, and never keeps what is larger than that', async () => {
  const { ask, made } = cacheOf({ mostBytes: 8_000 })

  for (const name of ['a', 'b', 'c']) await ask('size', [name], long(name))
  await ask('size', ['c'])
  await ask('size', ['a'], long('a'))
  await ask('huge', ['a'], Array.from({ length: 40_000 }, () => Math.random()).join())

  expect(made()).toBe(5)
  const kept = await world.bus.redis.keys(`${world.bus.prefix}:{answers}:size:*`)
  expect(kept).toHaveLength(2)
  expect(await world.bus.redis.keys(`${world.bus.prefix}:{answers}:huge:*`)).toEqual([])
  const bytes = Number(await world.bus.redis.get(`${world.bus.prefix}:{answers}:bytes`))
  expect(bytes).toBeLessThanOrEqual(8_000)
  expect(bytes).toBeGreaterThan(0)
  expect(await world.bus.redis.pttl(kept[0] ?? '')).toBeGreaterThan(0)
})

it('counts an answer once that two found missing at once', async () => {
  const { ask, made } = cacheOf()

  await Promise.all([ask('twice', ['a']), ask('twice', ['a'], 'said otherwise')])

  const index = await world.bus.redis.zrange(`${world.bus.prefix}:{answers}:index`, '0', '-1')
  const [key = ''] = await world.bus.redis.keys(`${world.bus.prefix}:{answers}:twice:*`)
  const bytes = await world.bus.redis.strlen(key)
  const own = key.replace(`${world.bus.prefix}:{answers}:`, '')
  expect(made()).toBe(2)
  expect(index.filter((member) => member.endsWith(own))).toEqual([`${bytes}:${own}`])
})

it('does the work where Redis is broken', async () => {
  const broken = {
    getBuffer: () => Promise.reject(new Error('away')),
    eval: () => Promise.reject(new Error('away')),
  }
  const { ask, counted } = cacheOf({ redis: broken as unknown as World['bus']['redis'] })

  expect(await ask('transcript', ['broken'])).toEqual({ text: 'said' })
  expect(await counted()).toEqual(['scriptorium_provider_cache_total{kind="transcript",outcome="broken"} 2'])
})

it('is off by a switch', async () => {
  const open = (PROVIDER_CACHE: string) => {
    const config = loadConfig(providersConfig, { PROVIDER_CACHE })
    return openProviders({ config, db: world.db, bus: world.bus, log: world.log, metrics: createMetrics() })
      .cache
  }
  const work = { kind: 'switch', key: ['a'], schema }

  await open('on').cached(work, async () => ({ text: 'first' }))

  expect(await open('on').cached(work, async () => ({ text: 'second' }))).toEqual({ text: 'first' })
  expect(await open('off').cached(work, async () => ({ text: 'third' }))).toEqual({ text: 'third' })
})

it('keeps no failure', async () => {
  const cache = createAnswerCache({
    ...{ redis: world.bus.redis, prefix: world.bus.prefix, log: world.log },
    ...{ metrics: createProviderMetrics(), lifetimeMs: 60_000, mostBytes: 1_000 },
  })
  const work = { kind: 'failing', key: [1], schema }

  await expect(cache.cached(work, () => Promise.reject(new Error('no')))).rejects.toThrow('no')

  expect(await cache.cached(work, async () => ({ text: 'yes' }))).toEqual({ text: 'yes' })
})
