import { describe, expect, it } from 'vitest'
import { planShowNotes } from './plan-show-notes.ts'

const spoken = (texts: readonly string[]) => texts.map((text, index) => ({ text, startMs: index * 5_000 }))

describe('planShowNotes', () => {
  it('names sentences from all parts of a recording, each at the segment where it begins', () => {
    const segments = spoken(
      Array.from(
        { length: 200 },
        (_, index) => `the whale number ${index} swam around the ship with its young`,
      ),
    )

    const notes = planShowNotes(segments)

    expect(notes).toHaveLength(10)
    for (const { startMs, text } of notes) {
      expect(segments[startMs / 5_000]?.text).toBe(text.replace(/^The/, 'the').replace(/\.$/, ''))
    }
    expect(new Set(notes.map(({ startMs }) => Math.floor(startMs / 100_000))).size).toBe(10)
  })

  it('finds the place of sentences that end in the middle of a segment, in any script', () => {
    const segments = spoken(
      Array.from({ length: 80 }, (_, n) => `了。 第${n}個 男人 走 過 大 橋，然後 他 回家`),
    )

    const notes = planShowNotes(segments, 'zh')

    expect(notes.length).toBeGreaterThan(1)
    for (const { startMs, text } of notes) {
      const [number] = /\d+/.exec(text) ?? []
      expect(startMs).toBe(Number(number) * 5_000)
    }
  })

  it('needs none for a page', () => {
    expect(planShowNotes(spoken(['call me ishmael', 'some years ago']))).toEqual([])
    expect(planShowNotes([])).toEqual([])
  })
})
