import { expect, it } from 'vitest'
import { bucketOf, checkLimit, type Limit, limitName, parseLimitName } from './limit.ts'

it('never refills faster than the rate, and slower by less than a microsecond a token', () => {
  for (const permits of [1, 3, 7, 60, 499, 10_000, 999_983]) {
    for (const perMs of [1, 999, 1_000, 60_000, 86_400_000]) {
      const { intervalUs } = bucketOf({ kind: 'rate', key: 'k', permits, perMs })

      expect(Number.isSafeInteger(intervalUs)).toBe(true)
      expect(intervalUs * permits).toBeGreaterThanOrEqual(perMs * 1_000)
      expect(intervalUs - (perMs * 1_000) / permits).toBeLessThan(1)
    }
  }
})

it.each([
  [500, 60_000, 8],
  [10, 1_000, 10],
  [1, 60_000, 1],
  [3, 86_400_000, 1],
])('lets an idle bucket of %d in %d ms gather a second’s worth', (permits, perMs, burst) => {
  expect(bucketOf({ kind: 'rate', key: 'k', permits, perMs }).burst).toBe(burst)
})

it.each<Limit>([
  { kind: 'rate', key: 'openai/gpt x', permits: 1, perMs: 1 },
  { kind: 'rate', key: '', permits: 1, perMs: 1 },
  { kind: 'rate', key: 'a}b', permits: 1, perMs: 1 },
  { kind: 'rate', key: 'k', permits: 0, perMs: 1 },
  { kind: 'rate', key: 'k', permits: 1, perMs: Number.NaN },
  { kind: 'rate', key: 'k', permits: 1, perMs: 1, burst: 0 },
  { kind: 'rate', key: 'k', permits: 1, perMs: 1, burst: 1.5 },
  { kind: 'concurrency', key: 'k', most: 0 },
  { kind: 'concurrency', key: 'k', most: Number.POSITIVE_INFINITY },
])('refuses a limit that makes no sense: %j', (limit) => {
  expect(() => checkLimit(limit)).toThrow('makes no sense')
})

it('finds kind and key in a name again', () => {
  for (const kind of ['rate', 'concurrency'] as const) {
    const limit = { kind, key: 'openai/gpt-x:free@eu' }

    expect(parseLimitName(limitName(limit))).toEqual(limit)
  }
  expect(parseLimitName('paused')).toBeUndefined()
})
