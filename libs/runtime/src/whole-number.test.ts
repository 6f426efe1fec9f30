import { expect, it } from 'vitest'
import { wholeNumber } from './whole-number.ts'

it.each([
  ['1', 1],
  ['64', 64],
])('takes %s', (text, value) => {
  expect(wholeNumber('--workers', text, { least: 1, most: 64 })).toBe(value)
})

it.each(['0', '65', '', '-1', '1.5', '1e1', '0x10', ' 2', 'two'])(
  'says what else than "%s" it takes',
  (text) => {
    expect(() => wholeNumber('--workers', text, { least: 1, most: 64 })).toThrow(
      `--workers must be a whole number from 1 to 64, not "${text}"`,
    )
  },
)
