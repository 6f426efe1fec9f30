import { describe, expect, it } from 'vitest'
import { checkTranslation, languageName, planTranslation } from './plan-translation.ts'

const numbered = (...numbers: number[]) => numbers.map((number) => ({ number, text: `line ${number}` }))

describe('checkTranslation', () => {
  it('takes one line for each, in any order, whatever comes beside them', () => {
    expect(checkTranslation(numbered(2, 1, 3), 3)).toBeUndefined()
    expect(checkTranslation(numbered(0, 1, 2, 9), 2)).toBeUndefined()
  })

  it.each([
    ['a missing line', numbered(1, 3), 'Missing: 2.'],
    ['a repeated line', numbered(1, 2, 2, 3), 'Empty or repeated: 2.'],
    ['an empty line', [...numbered(1, 2), { number: 3, text: '' }], 'Empty or repeated: 3.'],
    ['nothing', [], 'Missing: 1, 2, 3.'],
  ])('names %s', (_, lines, problem) => {
    expect(checkTranslation(lines, 3)).toContain(problem)
  })
})

describe('planTranslation', () => {
  const segments = [
    { startMs: 0, endMs: 900, speaker: 'A' },
    { startMs: 1_000, endMs: 1_900 },
    { startMs: 2_000, endMs: 2_900, speaker: 'B' },
  ]

  it('keeps number, order, times and speakers of the segments, and those empty that say nothing', () => {
    const lines = [
      { number: 0, text: 'good morning' },
      { number: 2, text: 'good night' },
    ]

    expect(planTranslation(segments, lines, ['guten Morgen', 'gute\nNacht'])).toEqual([
      { startMs: 0, endMs: 900, speaker: 'A', text: 'guten Morgen' },
      { startMs: 1_000, endMs: 1_900, text: '' },
      { startMs: 2_000, endMs: 2_900, speaker: 'B', text: 'gute Nacht' },
    ])
  })

  it('joins what a segment was cut into', () => {
    const lines = [
      { number: 1, text: 'one' },
      { number: 1, text: 'two' },
    ]

    expect(planTranslation(segments, lines, ['eins', 'zwei'])[1]?.text).toBe('eins zwei')
  })
})

describe('languageName', () => {
  it.each([
    ['de', 'German (de)'],
    ['pt-BR', 'Brazilian Portuguese (pt-BR)'],
    ['qqq', 'qqq'],
    ['xx-invalid-subtags-here-toolong123456', 'xx-invalid-subtags-here-toolong123456'],
  ])('says %s as English does', (tag, name) => {
    expect(languageName(tag)).toBe(name)
  })
})
