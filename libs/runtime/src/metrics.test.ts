import { parseMetrics, sampleOf } from '@app/testkit'
import { expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'

const parsed = async (metrics: ReturnType<typeof createMetrics>) =>
  parseMetrics((await metrics.exposition()).text)

it("writes Prometheus' text format, with names of our own and Node's", async () => {
  const metrics = createMetrics({ nodejs: true })
  const sent = metrics.counter({ name: 'letters_sent_total', help: 'Letters sent.', labelNames: ['to'] })
  const took = metrics.histogram({ name: 'walk_seconds', help: 'To the box.', buckets: [1, 10] })
  sent.inc({ to: 'a "quoted"\nname\\' }, 2)
  took.observe(3)

  const families = await parsed(metrics)

  expect(families.get('scriptorium_letters_sent_total')).toEqual({
    type: 'counter',
    help: 'Letters sent.',
    samples: [
      { name: 'scriptorium_letters_sent_total', labels: { to: 'a \\"quoted\\"\\nname\\\\' }, value: 2 },
    ],
  })
  expect(sampleOf(families, 'scriptorium_walk_seconds_bucket', { le: '10' })).toBe(1)
  expect(sampleOf(families, 'scriptorium_walk_seconds_bucket', { le: '1' })).toBe(0)
  expect(families.has('nodejs_eventloop_lag_seconds')).toBe(true)
  expect((await metrics.exposition()).contentType).toContain('version=0.0.4')
})

it('has samples of the event loop in its first answer, though it begins to take them then', async () => {
  const families = await parsed(createMetrics({ nodejs: true }))

  // In seconds; an empty histogram says 9.2e9 and NaN.
  expect(sampleOf(families, 'nodejs_eventloop_lag_min_seconds')).toBeLessThan(1e6)
  expect(sampleOf(families, 'nodejs_eventloop_lag_mean_seconds')).toBeGreaterThan(0)
})

it('asks for a gauge at each scrape', async () => {
  const metrics = createMetrics()
  let depth = 3
  metrics.gauge({
    ...{ name: 'depth', help: 'Of the sea.', labelNames: ['sea'] as const },
    collect: async () => [[{ sea: 'north' }, depth]],
  })

  expect(sampleOf(await parsed(metrics), 'scriptorium_depth', { sea: 'north' })).toBe(3)
  depth = 4
  expect(sampleOf(await parsed(metrics), 'scriptorium_depth', { sea: 'north' })).toBe(4)
})

it('leaves out a gauge that can not be collected, and shows the rest', async () => {
  const metrics = createMetrics()
  let isBroken = false
  metrics.gauge({
    ...{ name: 'depth', help: 'Of the sea.', labelNames: ['sea'] as const },
    collect: async () => {
      if (isBroken) throw new Error('no sounding')
      return [[{ sea: 'north' }, 3]]
    },
  })
  metrics.counter({ name: 'soundings_total', help: 'Soundings.' }).inc()
  await metrics.exposition()

  isBroken = true
  const families = await parsed(metrics)

  expect(families.get('scriptorium_depth')?.samples).toEqual([])
  expect(sampleOf(families, 'scriptorium_soundings_total')).toBe(1)
})
