import { describe, expect, it } from 'vitest'
import { timedPieces } from './timed-pieces.ts'
import { joinPieces, searchWordsIn } from './word-pieces.ts'

const heard = [
  { text: 'call', startMs: 100, endMs: 300, confidence: 0.9 },
  { text: 'me', startMs: 300, endMs: 400, confidence: 0.8 },
]

describe('timedPieces', () => {
  it('takes spelling from the text and times from the words', () => {
    expect(timedPieces({ startMs: 100, endMs: 400, text: 'Call me.', words: heard })).toEqual([
      { text: 'Call', startMs: 100, endMs: 300, confidence: 0.9, isApart: true },
      { text: 'me.', startMs: 300, endMs: 400, confidence: 0.8, isApart: true },
    ])
  })

  it('shares the time by letters where a provider gives no word times', () => {
    expect(timed({ startMs: 1000, endMs: 2000, text: 'Call me', words: [] })).toEqual([
      ['Call', 1000, 1571],
      ['me', 1714, 2000],
    ])
  })

  it.each([
    [
      'Chinese by letters',
      '花园，美丽。',
      said('花 园 美 丽'),
      [
        ['花园，', 0, 1900],
        ['美丽。', 2000, 3900],
      ],
    ],
    [
      'Chinese by words',
      '花园，美丽。',
      said('花园 美丽'),
      [
        ['花园，', 0, 900],
        ['美丽。', 1000, 1900],
      ],
    ],
    [
      'Chinese in one',
      '花园，美丽。',
      said('花园美丽'),
      [
        ['花园，', 0, 450],
        ['美丽。', 450, 900],
      ],
    ],
    [
      'Japanese',
      'パンを買う。',
      said('パン を 買う'),
      [
        ['パン', 0, 900],
        ['を', 1000, 1900],
        ['買う。', 2000, 2900],
      ],
    ],
    [
      'Thai',
      'สวนดอกไม้ สวย',
      said('สวน ดอกไม้ สวย'),
      [
        ['สวน', 0, 900],
        ['ดอกไม้', 1000, 1900],
        ['สวย', 2000, 2900],
      ],
    ],
    [
      'Burmese',
      'နို့ဝယ်',
      said('နို့ ဝယ်'),
      [
        ['နို့', 0, 900],
        ['ဝယ်', 1000, 1900],
      ],
    ],
    [
      'a word written as two',
      'all right now',
      said('allright now'),
      [
        ['all', 0, 338],
        ['right', 338, 900],
        ['now', 1000, 1900],
      ],
    ],
    [
      'two words written as one',
      'a well-known man',
      said('a well known man'),
      [
        ['a', 0, 900],
        ['well-known', 1000, 2900],
        ['man', 3000, 3900],
      ],
    ],
  ])('takes the times of %s, however text and words are divided', (_, text, words, expected) => {
    const endMs = words.at(-1)?.endMs ?? 0

    expect(timed({ startMs: 0, endMs, text, words })).toEqual(expected)
  })

  it('keeps to the times around where some of the words are others than those of the text', () => {
    const words = said('一九一四 年 的 夏天')

    expect(timed({ startMs: 0, endMs: 4000, text: '1914年夏天', words })).toEqual([
      ['1914', 0, 1000],
      ['年', 1000, 1900],
      ['夏天', 3000, 3900],
    ])
  })

  it('finds its place again after words that the text lacks, and takes no later word for them', () => {
    const words = said('那 个 的 花园 里 有 树')

    expect(timed({ startMs: 0, endMs: 7000, text: '花园里有树，树上有的鸟', words }).slice(0, 3)).toEqual([
      ['花园', 3000, 3900],
      ['里', 4000, 4900],
      ['有', 5000, 5900],
    ])
  })

  it('shares a pause among all that stands in it and has no letters', () => {
    const words = [...said('call'), { text: 'me', startMs: 4000, endMs: 4500 }]

    expect(timed({ startMs: 0, endMs: 6000, text: 'Call ♪ … – me. ♪ ♪', words })).toEqual([
      ['Call', 0, 900],
      ['♪', 900, 1933],
      ['…', 1933, 2967],
      ['–', 2967, 4000],
      ['me.', 4000, 4500],
      ['♪', 4500, 5250],
      ['♪', 5250, 6000],
    ])
  })

  it.each(['Call me Ishmael — 花园，美丽。', '♪ ♪ 花园 … … me ♪ ♪'])(
    'keeps every word of "%s", in order, whatever was heard',
    (text) => {
      for (const words of [heard, said('quite another thing'), said('园 花 me call 丽'), []]) {
        const pieces = timedPieces({ startMs: 0, endMs: 5000, text, words })

        expect(joinPieces(pieces)).toBe(text)
        let atMs = 0
        for (const { startMs, endMs } of pieces) {
          expect(startMs).toBeGreaterThanOrEqual(atMs)
          expect(endMs).toBeGreaterThanOrEqual(startMs)
          atMs = endMs
        }
        expect(atMs).toBeLessThanOrEqual(5000)
      }
    },
  )

  it('divides as it is told to', () => {
    const segment = { startMs: 0, endMs: 2000, text: '花园', words: said('花 园') }

    expect(timedPieces(segment, searchWordsIn)).toEqual([
      { text: '花', startMs: 0, endMs: 900, isApart: true },
      { text: '园', startMs: 1000, endMs: 1900, isApart: false },
    ])
  })

  it.each([
    ['no text', '', heard, ['call', 'me']],
    ['neither', '  ', [], []],
  ])('answers what there is with %s', (_, text, words, expected) => {
    expect(timedPieces({ startMs: 0, endMs: 1000, text, words }).map((word) => word.text)).toEqual(expected)
  })
})

const timed = (segment: Parameters<typeof timedPieces>[0]) =>
  timedPieces(segment).map(({ text, startMs, endMs }) => [text, startMs, endMs])

/** A word each second, for nine tenths of it. */
function said(words: string) {
  return words.split(' ').map((text, index) => ({ text, startMs: index * 1000, endMs: index * 1000 + 900 }))
}
