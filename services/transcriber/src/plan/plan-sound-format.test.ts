import { describe, expect, it } from 'vitest'
import { longestMs, planSoundFormat } from './plan-sound-format.ts'

const MINUTE = 60_000
/** OpenAI's: 25 MB, and 1400 s. */
const OPENAI = { formats: ['flac', 'opus'], maxBytes: 26_214_400, maxDurationMs: 1_400_000 } as const

describe('planSoundFormat', () => {
  it.each([
    ['what reads anything, by its first choice', { formats: ['wav'] } as const, 600 * MINUTE, 'wav'],
    ['ten minutes, which fit whatever is in them', OPENAI, 10 * MINUTE, 'flac'],
    ['what might not fit as FLAC', OPENAI, 20 * MINUTE, 'opus'],
    ['no more than fits', { formats: ['opus'], maxBytes: 2_000_000 } as const, 10 * MINUTE, undefined],
    ['no more than the longest', OPENAI, 1_390_000, undefined],
  ])('gives %s', (_, limits, durationMs, format) => {
    expect(planSoundFormat(limits, durationMs)).toBe(format)
  })
})

describe('longestMs', () => {
  it('stays under both limits, and has none where none is given', () => {
    expect(longestMs(OPENAI)).toBe(1_386_000)
    expect(longestMs({ formats: ['wav'], maxBytes: 1_000_000 })).toBeLessThan(31_250)
    expect(longestMs({ formats: ['wav'] })).toBe(Number.POSITIVE_INFINITY)
  })
})
