import { describe, expect, it } from 'vitest'
import { planNotes } from './plan-notes.ts'
import { sizeOf } from './plan-parts.ts'

const part = [10, 11, 12, 13].map((number) => ({ number, text: 'said' }))

describe('planNotes', () => {
  it('keeps notes in order, under numbers of the part', () => {
    const points = [
      { segment: 12, text: 'late' },
      { segment: 3, text: 'before it' },
      { segment: 99, text: 'after it' },
    ]

    expect(planNotes(points, part, 1_000).map(({ number, text }) => [number, text])).toEqual([
      [10, 'before it'],
      [12, 'late'],
      [13, 'after it'],
    ])
  })

  it('holds to its limit whatever it is given, and leaves out some from all places', () => {
    const points = Array.from({ length: 500 }, (_, n) => ({ segment: 10 + (n % 4), text: 'x'.repeat(2_000) }))

    const notes = planNotes(points, part, 3_000)

    expect(notes.reduce((sum, note) => sum + sizeOf(note), 0)).toBeLessThanOrEqual(3_000)
    expect(new Set(notes.map(({ number }) => number)).size).toBeGreaterThan(1)
  })

  it('holds to it with a single note of emoji as well', () => {
    const [note] = planNotes([{ segment: 10, text: '🎉'.repeat(2_000) }], part, 900)

    expect(note?.text).toMatch(/^(🎉)+$/u)
    expect(note && sizeOf(note)).toBeLessThanOrEqual(900)
  })
})
