import { expect, it } from 'vitest'
import { parseSpan, parseWait } from './spans.ts'

it.each([
  ['6m0s', 360_000],
  ['120ms', 120],
  ['1s', 1_000],
  ['1h2m3.5s', 3_723_500],
  ['7m12s', 432_000],
  ['0s', 0],
  ['1d', 86_400_000],
  ['500us', 0.5],
  ['20', 20_000],
  ['0.25', 250],
  [' 1s ', 1_000],
])('reads the span %s', (text, ms) => {
  expect(parseSpan(text)).toBeCloseTo(ms, 9)
})

it.each(['', 'soon', '1x', '1s and more', '-1s', '1 s', 'NaN', '1e3', '6m0', null, undefined])(
  'learns nothing from %s',
  (text) => {
    expect(parseSpan(text)).toBeUndefined()
  },
)

it('reads back every span that Go writes', () => {
  const units = ['h', 'm', 's', 'ms'] as const
  const inMs = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }
  for (let bits = 1; bits < 1 << units.length; bits += 1) {
    for (const amount of [0, 1, 7, 59, 999]) {
      const used = units.filter((_, index) => bits & (1 << index))

      const span = parseSpan(used.map((unit) => `${amount}${unit}`).join(''))

      expect(span).toBe(used.reduce((sum, unit) => sum + amount * inMs[unit], 0))
    }
  }
})

it('prefers the exact wait, then seconds, then a date by the sender’s own clock', () => {
  const date = 'Wed, 21 Oct 2015 07:28:30 GMT'

  expect(parseWait(new Headers({ 'retry-after-ms': '1500', 'retry-after': '2' }))).toBe(1_500)
  expect(parseWait(new Headers({ 'retry-after': '2' }))).toBe(2_000)
  expect(parseWait(new Headers({ 'retry-after': date, date: 'Wed, 21 Oct 2015 07:28:00 GMT' }))).toBe(30_000)
  expect(parseWait(new Headers({ 'retry-after': date, date: 'Wed, 21 Oct 2015 07:29:00 GMT' }))).toBe(0)
  expect(parseWait(new Headers({ 'retry-after': date }))).toBeUndefined()
  expect(parseWait(new Headers({ 'retry-after': 'later' }))).toBeUndefined()
})
