import type { Word } from '@app/contracts'
import { describe, expect, it } from 'vitest'
import { planSegments } from './plan-segments.ts'

describe('planSegments', () => {
  it('starts a segment where the speaker pauses', () => {
    const segments = planSegments([word('call', 0, 300), word('me', 320, 500), word('ishmael', 900, 1400)])

    expect(segments.map(({ startMs, endMs, text }) => [startMs, endMs, text])).toEqual([
      [0, 500, 'call me'],
      [900, 1400, 'ishmael'],
    ])
  })

  it('breaks speech without pauses at its longest gap, so that no segment is longer than 15 seconds', () => {
    const words = steadily(100, 300)
    const late = words.map((each, index) =>
      index < 40 ? each : { ...each, startMs: each.startMs + 50, endMs: each.endMs + 50 },
    )

    const segments = planSegments(late)

    expect(segments[0]?.words).toHaveLength(40)
    for (const { startMs, endMs } of segments) expect(endMs - startMs).toBeLessThanOrEqual(15_000)
  })

  it.each([
    [
      'Chinese',
      '从前有一个国王，他有「一座」花园。',
      ['从前', '有', '一个', '国王', '他', '有', '一座', '花园'],
    ],
    ['Thai', 'มีสวนดอกไม้ สวยงามมาก', ['มี', 'สวน', 'ดอกไม้', 'สวย', 'งาม', 'มาก']],
    [
      'English',
      'He said: “Why (so late)?” Well-known words.',
      ['He', 'said', 'Why', 'so', 'late', 'Well', 'known', 'words'],
    ],
  ])('writes what it breaks as %s has it, wherever that is', (_, text, said) => {
    for (let at = 1; at < said.length; at += 1) {
      const words = said.map((each, index) =>
        word(each, index * 300 + (index < at ? 0 : 900), index * 300 + (index < at ? 250 : 1150)),
      )

      const segments = planSegments(words, text)

      expect(segments).toHaveLength(2)
      expect(segments.map((segment) => segment.text.replaceAll(' ', '')).join('')).toBe(
        text.replaceAll(' ', ''),
      )
      for (const segment of segments) {
        expect(text).toContain(segment.text)
        expect(segment.text).not.toMatch(/^[”)」，。]|[“(「]$/u)
      }
    }
  })

  it.each([
    [['花', '园', '美', '丽'], '花园', '美丽'],
    [['สวน', 'ดอกไม้', 'สวย', 'มาก'], 'สวนดอกไม้', 'สวยมาก'],
    [['빵과', '우유를', '샀다', '그녀는'], '빵과 우유를', '샀다 그녀는'],
  ])('joins %j as its script does where no text says how', (said, first, second) => {
    const words = said.map((each, index) =>
      word(each, index * 300 + (index < 2 ? 0 : 900), index * 300 + (index < 2 ? 250 : 1150)),
    )

    for (const text of [undefined, '', 'quite another text']) {
      expect(planSegments(words, text).map((segment) => segment.text)).toEqual([first, second])
    }
  })

  it.each([
    ['steady speech', steadily(2000, 250)],
    ['one endless word', [word('om', 0, 60_000)]],
    ['words without length', Array.from({ length: 50 }, () => word('a', 1000, 1000))],
    ['nothing', []],
  ])('has each word of %s in one segment, in order', (_, words) => {
    const segments = planSegments(words)

    expect(segments.flatMap((segment) => segment.words)).toEqual(words)
    expect(segments.every((segment) => segment.words.length > 0)).toBe(true)
  })
})

function word(text: string, startMs: number, endMs: number): Word {
  return { text, startMs, endMs }
}

function steadily(count: number, everyMs: number): Word[] {
  return Array.from({ length: count }, (_, index) =>
    word(`w${index}`, index * everyMs, index * everyMs + everyMs - 50),
  )
}
