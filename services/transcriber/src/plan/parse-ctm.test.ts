import { describe, expect, it } from 'vitest'
import { parseCtm } from './parse-ctm.ts'

describe('parseCtm', () => {
  it('reads words with whole milliseconds and their confidence', () => {
    expect(parseCtm('0 1 0.29 0.39 and 0.984\n0 1 0.69 0.28 all 0.176\n', 10_000)).toEqual([
      { text: 'and', startMs: 290, endMs: 680, confidence: 0.984 },
      { text: 'all', startMs: 690, endMs: 970, confidence: 0.176 },
    ])
  })

  it.each([
    ['nothing', ''],
    [
      'fillers',
      '0 1 0.1 0.1 <s> 0.9\n0 1 0.2 0.1 <sil> 0.9\n0 1 0.3 0.1 [NOISE] 0.9\n0 1 0.4 0.1 ++uh++ 0.9\n',
    ],
    ['a line cut off by a full disk', '0 1 0.29 0.3'],
    ['times that are none', '0 1 nan 0.1 and 0.9\n0 1 0.1 -nan and 0.9\n'],
  ])('hears no word in %s', (_, ctm) => {
    expect(parseCtm(ctm, 10_000)).toEqual([])
  })

  it.each([
    ['read(2)', 'read'],
    ['i', 'I'],
    ["i'm", "I'm"],
    ['it', 'it'],
    ['a.m.', 'a.m.'],
  ])('writes %s as %s', (spoken, written) => {
    expect(parseCtm(`0 1 0.10 0.20 ${spoken} 0.5\n`, 10_000)[0]?.text).toBe(written)
  })

  it.each([
    ['1.0002', 1],
    ['-0.1', 0],
    ['nan', undefined],
  ])('takes a confidence of %s for %s', (printed, confidence) => {
    expect(parseCtm(`0 1 0.10 0.20 and ${printed}\n`, 10_000)[0]?.confidence).toBe(confidence)
  })

  it('puts words in order and apart where spans reach into each other', () => {
    const words = parseCtm('1 1 2.00 0.30 b 0.9\n0 1 1.50 0.52 a 0.9\n1 1 2.20 0.10 c 0.9\n', 10_000)

    expect(words.map(({ text, startMs, endMs }) => [text, startMs, endMs])).toEqual([
      ['a', 1500, 2020],
      ['b', 2020, 2300],
      ['c', 2300, 2300],
    ])
  })

  it('keeps words inside the recording', () => {
    const words = parseCtm('0 1 0.90 0.20 last 0.9\n0 1 1.10 0.20 beyond 0.9\n', 1000)

    expect(words.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [900, 1000],
      [1000, 1000],
    ])
  })
})
