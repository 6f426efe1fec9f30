import { expect, it } from 'vitest'
import { mostTriesOf, planNextTry } from './plan-next-try.ts'

const MOST = mostTriesOf('job.completed')
const after = (answer: Parameters<typeof planNextTry>[0], tries = 1, random = 0) =>
  planNextTry(answer, { tries, mostTries: MOST, random })

it('tries ten times, after 5 s, 5 and 30 min, 2, 5, 10, 14, 20 and 24 h, and then no more', () => {
  const moves = Array.from({ length: 10 }, (_, index) => after({ status: 500 }, index + 1))

  const delays = moves.map((move) => (move.kind === 'retry' ? move.delayMs / 1_000 : move.kind))
  expect(delays).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, 'failed'])
  expect(MOST).toBe(10)
})

it('tries a test once', () => {
  const tried = { tries: 1, mostTries: mostTriesOf('webhook.test'), random: 0 }

  expect(planNextTry({ status: 500 }, tried)).toEqual({ kind: 'failed', gone: false })
})

it.each([200, 201, 204, 299])('takes %d for success', (status) => {
  expect(after({ status })).toEqual({ kind: 'delivered' })
})

it.each([100, 301, 302, 304, 307, 308, 400, 401, 404, 500, 503, undefined])(
  'tries again after %s',
  (status) => {
    const answer = status === undefined ? { error: 'gave no answer' } : { status }

    expect(after(answer)).toEqual({ kind: 'retry', delayMs: 5_000, throttleMs: 0 })
  },
)

it('sends nothing more to what is gone, at the first try as at the last', () => {
  expect(after({ status: 410 })).toEqual({ kind: 'failed', gone: true })
  expect(after({ status: 410 }, 10)).toEqual({ kind: 'failed', gone: true })
})

it.each([429, 502, 504])('slows down after %d, which says nothing of when', (status) => {
  expect(after({ status })).toEqual({ kind: 'retry', delayMs: 60_000, throttleMs: 60_000 })
})

it('waits as long as it is asked to, twelve hours at most, and never less than it would', () => {
  expect(after({ status: 429, retryAfterMs: 90_000 })).toMatchObject({ delayMs: 90_000, throttleMs: 90_000 })
  expect(after({ status: 503, retryAfterMs: 90_000 })).toMatchObject({ delayMs: 90_000, throttleMs: 90_000 })
  expect(after({ status: 429, retryAfterMs: 1e12 })).toMatchObject({ delayMs: 12 * 3_600_000 })
  expect(after({ status: 429, retryAfterMs: 1_000 }, 4)).toMatchObject({
    delayMs: 7_200_000,
    throttleMs: 1_000,
  })
})

it('spreads tries by up to a tenth of the delay', () => {
  expect(after({ status: 500 }, 2, 0.999)).toMatchObject({ delayMs: 300_000 * 1.0999 })
})
