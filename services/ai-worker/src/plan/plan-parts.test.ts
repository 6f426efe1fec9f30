import { describe, expect, it } from 'vitest'
import { planParts, sizeOf } from './plan-parts.ts'
import type { Line } from './quoted-data.ts'

const lines = (lengths: readonly number[]): Line[] =>
  lengths.map((length, number) => ({ number, text: Array(length).fill('word').join(' ') }))

const tokensOf = (part: readonly Line[]): number => part.reduce((sum, line) => sum + sizeOf(line), 0)

describe('planParts', () => {
  it.each([
    ['nothing', []],
    ['one line', [5]],
    ['an hour of short lines', Array(900).fill(10)],
    ['one giant line', [20_000]],
    ['a giant among short ones', [5, 12, 3_000, 3, 8, 40, 1]],
    ['lines that each fill a part', Array(5).fill(300)],
  ])('keeps all of %s, in order, in parts that fit', (_, lengths) => {
    const all = lines(lengths)

    const parts = planParts(all, { mostTokens: 1_000 })

    expect(parts.every((part) => tokensOf(part) <= 1_000)).toBe(true)
    expect(wordsOf(parts.flat())).toEqual(wordsOf(all))
    const numbers = parts.flat().map((line) => line.number)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  })

  it('makes parts of about the same length', () => {
    const sizes = planParts(lines(Array(1_000).fill(10)), { mostTokens: 3_000 }).map(tokensOf)

    expect(Math.min(...sizes)).toBeGreaterThan(Math.max(...sizes) / 2)
  })

  it('puts no more lines in a part than it is told', () => {
    const parts = planParts(lines(Array(95).fill(3)), { mostTokens: 100_000, mostLines: 40 })

    expect(parts).toHaveLength(3)
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(40)
  })

  it('cuts a line without spaces between whole characters', () => {
    const [...parts] = planParts([{ number: 7, text: '🎉'.repeat(500) }], { mostTokens: 300 })

    expect(parts.flat().every((line) => line.number === 7 && /^(🎉)+$/u.test(line.text))).toBe(true)
    expect(
      parts
        .flat()
        .map((line) => line.text)
        .join(''),
    ).toBe('🎉'.repeat(500))
  })
})

const wordsOf = (all: readonly Line[]): string[] => all.flatMap((line) => line.text.trim().split(/\s+/))
