import { expect, it } from 'vitest'
import { formatAge, formatTable, oneLine } from './format-table.ts'

const columns = [{ title: 'NAME' }, { title: 'TRIES', alignRight: true }, { title: 'ERROR' }]

it('makes each column as wide as its widest cell, and numbers end where they should', () => {
  expect(
    formatTable(columns, [
      ['transcribe', '3', 'no sound'],
      ['tag', '12', ''],
    ]),
  ).toEqual(['NAME        TRIES  ERROR', 'transcribe      3  no sound', 'tag            12'])
})

it('cuts the last column where the terminal ends, and never below what can be read', () => {
  const long = 'x'.repeat(80)

  const [, cut = ''] = formatTable(columns, [['tag', '1', long]], 60)
  const [, least = ''] = formatTable(columns, [['tag', '1', long]], 10)

  expect(cut).toHaveLength(60)
  expect(cut.endsWith('x…')).toBe(true)
  expect(least.split('  ').at(-1)).toHaveLength(24)
})

it.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [47 * 3_600_000, '47 h'],
  [49 * 3_600_000, '2 d'],
])('calls %i ms ago %s', (ageMs, text) => {
  expect(formatAge(ageMs)).toBe(text)
})

it('keeps line ends and control characters away from the terminal', () => {
  expect(oneLine('first\n\tsecond \u001b[31mred\u0007')).toBe('first second [31mred')
})
