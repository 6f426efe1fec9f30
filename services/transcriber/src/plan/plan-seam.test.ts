import type { Segment, Word } from '@app/contracts'
import { describe, expect, it } from 'vitest'
import { planSeam } from './plan-seam.ts'

const SEAM = { atMs: 10_000, fromMs: 6_000, toMs: 14_000 }
/** A word every half second, of which some come again and again, as in any text. */
const TRUTH = Array.from({ length: 40 }, (_, index) =>
  word(index % 3 === 0 ? 'the' : `w${index}`, index * 500, index * 500 + 400),
)

describe('planSeam', () => {
  it('keeps every word once where both sides heard the same', () => {
    const { left, right } = planSeam([segment(upTo(14_000))], [segment(from(6_000))], SEAM)

    expect(texts([...left, ...right])).toEqual(texts([segment(TRUTH)]))
  })

  it('begins and ends where the cut is, not at the edges of what was heard', () => {
    const { left, right } = planSeam([segment(upTo(14_000))], [segment(from(6_000))], SEAM)

    expect(Math.abs((left.at(-1)?.endMs ?? 0) - 10_000)).toBeLessThanOrEqual(1_000)
    expect(Math.abs((right[0]?.startMs ?? 0) - 10_000)).toBeLessThanOrEqual(1_000)
  })

  it('keeps every word once though the words at both edges of the sound were misheard', () => {
    const left = [...upTo(13_000), word('uh', 13_000, 13_300), word('garble', 13_500, 14_000)]
    const right = [word('mumble', 6_000, 6_300), word('um', 6_500, 6_800), ...from(7_000)]

    const joined = planSeam([segment(left)], [segment(right)], SEAM)

    expect(texts([...joined.left, ...joined.right])).toEqual(texts([segment(TRUTH)]))
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'keeps every word once though estimated times are seconds off (%i)',
    (seed) => {
      const offMs = (seed - 4.5) * 800
      const estimated = (words: readonly Word[], byMs: number) => ({
        ...segment(
          words.map((each) => ({ ...each, startMs: each.startMs + byMs, endMs: each.endMs + byMs })),
        ),
        timesEstimated: true,
      })

      const { left, right } = planSeam(
        [estimated(upTo(14_000), offMs / 2)],
        [estimated(from(6_000), -offMs / 2)],
        SEAM,
      )

      expect(texts([...left, ...right])).toEqual(texts([segment(TRUTH)]))
    },
  )

  it('leaves each side what lies on its own where they have no word in common', () => {
    const left = upTo(14_000).map((each) => ({ ...each, text: `l${each.startMs}` }))
    const right = from(6_000).map((each) => ({ ...each, text: `r${each.startMs}` }))

    const joined = planSeam([segment(left)], [segment(right)], SEAM)

    expect(joined.left.at(-1)?.endMs).toBe(9_900)
    expect(joined.right[0]?.startMs).toBe(10_000)
  })

  it('does not take a word for the same that is said twice, seconds apart', () => {
    const left = [word('never', 6_500, 6_800), word('mind', 7_000, 7_300)]
    const right = [word('never', 12_500, 12_800), word('more', 13_000, 13_300)]

    const joined = planSeam([segment(left)], [segment(right)], SEAM)

    expect(texts([...joined.left, ...joined.right])).toEqual(['never', 'mind', 'never', 'more'])
  })

  it('keeps whole segments as they were written, and of those that are cut what is left', () => {
    const whole = { ...segment(upTo(5_000)), text: 'As it was Written.' }
    const { left } = planSeam([whole, segment(between(5_000, 14_000))], [segment(from(6_000))], SEAM)

    expect(left[0]).toBe(whole)
    expect(left[1]?.text).toBe(left[1]?.words.map(({ text }) => text).join(' '))
    expect(left[1]?.endMs).toBe(left[1]?.words.at(-1)?.endMs)
  })

  it.each([
    ['the left', [], [segment(from(6_000))]],
    ['the right', [segment(upTo(14_000))], []],
  ])('loses nothing of one side where %s heard nothing', (_, left, right) => {
    const joined = planSeam(left, right, SEAM)

    expect(texts([...joined.left, ...joined.right])).toHaveLength(28)
  })

  it('writes what is left of a segment as it was written, with or without spaces', () => {
    const letters = ['他', '说', 'OK', '然', '后', '回', '家', '去'].map((text, index) =>
      word(text, 6_000 + index * 1_000, 6_900 + index * 1_000),
    )
    const heard = { ...segment(letters), text: '他说 OK，然后回家去。' }

    const { left, right } = planSeam([heard], [heard], SEAM)

    expect([...left, ...right].map(({ text }) => text).join('')).toBe(heard.text)
  })
})

function word(text: string, startMs: number, endMs: number): Word {
  return { text, startMs, endMs }
}

function segment(words: readonly Word[]): Segment {
  const text = words.map((each) => each.text).join(' ')
  return { startMs: words[0]?.startMs ?? 0, endMs: words.at(-1)?.endMs ?? 0, text, words: [...words] }
}

function between(fromMs: number, toMs: number): Word[] {
  return TRUTH.filter(({ startMs, endMs }) => startMs >= fromMs && endMs <= toMs)
}

function upTo(ms: number): Word[] {
  return between(0, ms)
}

function from(ms: number): Word[] {
  return between(ms, Number.POSITIVE_INFINITY)
}

function texts(segments: readonly Segment[]): string[] {
  return segments.flatMap(({ words }) => words.map(({ text }) => text))
}
