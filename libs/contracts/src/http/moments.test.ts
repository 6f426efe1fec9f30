import { expect, it } from 'vitest'
import { Day, Moment } from './moments.ts'

it.each([
  ['2026-03-02T13:00:00+01:00', '2026-03-02T12:00:00.000Z'],
  ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ['2026-01-01T00:00:00+23:59', '2025-12-31T00:01:00.000Z'],
])('gives %s on in UTC', (text, moment) => {
  expect(Moment.parse(text)).toBe(moment)
})

it.each([
  '0000-01-01T00:00:00Z',
  '1969-12-31T23:59:59Z',
  '9999-12-31T23:59:59-01:00',
  '2026-02-30T00:00:00Z',
  '2026-01-01T00:00:00+99:99',
])('refuses %s', (text) => {
  expect(Moment.safeParse(text).success).toBe(false)
})

it('knows days of the same years', () => {
  expect(Day.safeParse('1970-01-01').success).toBe(true)
  expect(Day.safeParse('0000-01-01').success).toBe(false)
  expect(Day.safeParse('2026-02-29').success).toBe(false)
})
