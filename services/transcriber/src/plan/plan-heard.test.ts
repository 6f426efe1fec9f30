import { Segment } from '@app/contracts'
import { describe, expect, it } from 'vitest'
import { planHeard } from './plan-heard.ts'
import type { RawUtterance, RawWord } from './raw-utterance.ts'

const MINUTE = { durationMs: 60_000, spans: [{ startMs: 1_000, endMs: 59_000 }] }

describe('planHeard', () => {
  it('gives words as they are written, at their times', () => {
    const [segment] = planHeard(
      [
        {
          text: 'Call me Ishmael.',
          startMs: 900,
          endMs: 2_500,
          confidence: 0.9,
          averageLogProbability: -0.3,
          words: [
            word('call', 1_000.4, 1_300.6, 0.8),
            word('me', 1_310, 1_420),
            word('ishmael', 1_500, 2_400),
          ],
        },
      ],
      MINUTE,
    )

    expect(segment).toEqual({
      startMs: 1_000,
      endMs: 2_400,
      text: 'Call me Ishmael.',
      confidence: 0.9,
      averageLogProbability: -0.3,
      words: [
        { text: 'Call', startMs: 1_000, endMs: 1_301, confidence: 0.8 },
        { text: 'me', startMs: 1_310, endMs: 1_420 },
        { text: 'Ishmael.', startMs: 1_500, endMs: 2_400 },
      ],
    })
  })

  it('gives a word without times the time between its neighbours, and says so', () => {
    const [segment] = planHeard(
      [
        {
          startMs: 0,
          endMs: 4_000,
          words: [word('in', 0, 400), { text: '2014.' }, word('he', 1_600, 2_000)],
        },
      ],
      MINUTE,
    )

    expect(segment?.words[1]).toEqual({ text: '2014.', startMs: 400, endMs: 1_600 })
    expect(segment?.timesEstimated).toBe(true)
  })

  it('leaves out of what was said what Postgres does not take', () => {
    const said = { text: 'call\0 me \ud83d', speaker: 'Ish\0mael' }
    const words = [{ text: 'call\0' }, { text: 'me' }, { text: '\0' }, { text: '\ud83d' }]

    const whole = planHeard([said, { words }], MINUTE)

    expect(JSON.stringify(whole)).not.toMatch(/\\u0000|\\ud83d/)
    expect(whole.map(({ text }) => text).join(' ')).toBe('call me \ufffd call me \ufffd')
  })

  it('takes a time that runs backwards for none', () => {
    const [segment] = planHeard(
      [
        {
          words: [
            word('one', 0, 300),
            word('two', 55_000, 56_000),
            word('three', 900, 1_200),
            word('four', 1_300, 1_500),
          ],
        },
      ],
      MINUTE,
    )

    expect(segment?.words.map(({ startMs }) => startMs)).toEqual([0, 300, 900, 1_300])
  })

  it('spreads words over their utterance where only that has times, by their letters', () => {
    const [segment] = planHeard([{ text: 'a bcd', startMs: 1_000, endMs: 7_000 }], MINUTE)

    expect(segment?.words).toEqual([
      { text: 'a', startMs: 1_000, endMs: 3_000 },
      { text: 'bcd', startMs: 3_000, endMs: 7_000 },
    ])
    expect(segment?.timesEstimated).toBe(true)
  })

  it('lays a text without any times over what is loud enough for speech, and ends sentences at pauses', () => {
    const spans = [
      { startMs: 2_000, endMs: 5_000 },
      { startMs: 9_000, endMs: 15_000 },
    ]

    const segments = planHeard([{ text: 'Here is one. And here there is a longer one.' }], {
      durationMs: 20_000,
      spans,
    })

    expect(segments.map(({ startMs, endMs, text }) => [startMs, endMs, text])).toEqual([
      [2_000, 5_000, 'Here is one.'],
      [9_000, 15_000, 'And here there is a longer one.'],
    ])
    expect(segments.every(({ timesEstimated }) => timesEstimated)).toBe(true)
  })

  it('puts an utterance without times between its neighbours', () => {
    const segments = planHeard(
      [
        { text: 'one', startMs: 1_000, endMs: 2_000 },
        { text: 'two' },
        { text: 'three', startMs: 5_000, endMs: 6_000 },
      ],
      MINUTE,
    )

    expect(segments.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [1_000, 2_000],
      [2_000, 5_000],
      [5_000, 6_000],
    ])
  })

  it('breaks a long monologue where its speaker pauses, and keeps who speaks', () => {
    const words = Array.from({ length: 60 }, (_, index) => word(`w${index}`, index * 500, index * 500 + 400))

    const segments = planHeard([{ words, speaker: '1' }], MINUTE)

    expect(segments.length).toBeGreaterThan(1)
    expect(segments.flatMap((segment) => segment.words)).toHaveLength(60)
    expect(
      segments.every(({ speaker, endMs, startMs }) => speaker === '1' && endMs - startMs <= 15_000),
    ).toBe(true)
  })

  it.each([
    ['Chinese', '从前有一个国王，他有一座花园。'.repeat(8)],
    ['Thai', 'กาลครั้งหนึ่งนานมาแล้วมีพระราชาองค์หนึ่ง'.repeat(4)],
  ])(
    'breaks a long monologue in %s between words, though nobody gave any, and loses nothing of it',
    (_, text) => {
      const segments = planHeard([{ text, startMs: 0, endMs: 40_000 }], MINUTE)

      expect(segments.map((segment) => segment.text).join('')).toBe(text)
      for (const { startMs, endMs } of segments) expect(endMs - startMs).toBeLessThanOrEqual(15_000)
      expect(segments.every((segment) => segment.timesEstimated && !segment.text.startsWith('，'))).toBe(true)
    },
  )

  it('writes words of Chinese at their own times, with the text’s punctuation', () => {
    const text = '从前有一个国王，他有花园。'
    const letters = ['从', '前', '有', '一', '个', '国', '王', '他', '有', '花', '园']
    const words = letters.map((each, index) =>
      word(each, index * 2_000, index * 2_000 + (index === 6 ? 500 : 1_900)),
    )

    const segments = planHeard([{ text, words }], MINUTE)

    expect(segments.map((segment) => segment.text)).toEqual(['从前有一个国王，', '他有花园。'])
    expect(segments[1]?.words[0]).toEqual({ text: '他', startMs: 14_000, endMs: 15_900 })
    expect(segments.some((segment) => segment.timesEstimated)).toBe(false)
  })

  it('leaves out what has no words', () => {
    expect(planHeard([{ text: ' ', words: [] }, { words: [{ text: ' ' }] }, {}], MINUTE)).toEqual([])
  })

  it.each(Array.from({ length: 30 }, (_, index) => index + 1))(
    'keeps every word, in times that the contract allows, of whatever a provider gives (%i)',
    (seed) => {
      const random = randomFrom(seed)
      const utterances = Array.from({ length: 12 }, (_, index) => strangeUtterance(random, index))
      const said = utterances.flatMap((utterance) => (utterance.words ?? []).map(({ text }) => text))

      const segments = planHeard(utterances, { durationMs: 60_000, spans: [{ startMs: 500, endMs: 41_000 }] })

      expect(segments.flatMap(({ words }) => words.map(({ text }) => text)).toSorted()).toEqual(
        said.toSorted(),
      )
      let atMs = 0
      for (const segment of segments) {
        Segment.parse(segment)
        expect([segment.startMs, segment.endMs]).toEqual([
          segment.words[0]?.startMs,
          segment.words.at(-1)?.endMs,
        ])
        for (const { startMs, endMs } of segment.words) {
          expect(startMs).toBeGreaterThanOrEqual(atMs)
          expect(endMs).toBeGreaterThanOrEqual(startMs)
          atMs = endMs
        }
      }
      expect(atMs).toBeLessThanOrEqual(60_000)
    },
  )
})

function word(text: string, startMs: number, endMs: number, confidence?: number): RawWord {
  return { text, startMs, endMs, ...(confidence === undefined ? {} : { confidence }) }
}

function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** Times that are missing, no numbers, negative, behind the end, or before the ones they follow. */
function strangeUtterance(random: () => number, index: number): RawUtterance {
  const strange = () => {
    const kind = Math.floor(random() * 9)
    const odd = [undefined, null, Number.NaN, Number.POSITIVE_INFINITY, -1_000, 99_999.5]
    return kind < odd.length ? odd[kind] : random() * 60_000
  }
  const words = Array.from({ length: Math.floor(random() * 9) }, (_, each) => ({
    text: `${index}-${each}`,
    startMs: strange(),
    endMs: strange(),
    confidence: strange(),
  }))
  return { words, startMs: strange(), endMs: strange(), confidence: strange() }
}
