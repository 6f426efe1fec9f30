import { describe, expect, it } from 'vitest'
import {
  countWords,
  joinPieces,
  joinTexts,
  joinWords,
  piecesOf,
  searchableText,
  wordsWithin,
  writtenWords,
} from './word-pieces.ts'

describe('wordsWithin', () => {
  it.each([
    ['花园，美丽。', ['花园，', '美丽。']],
    ['สวนดอกไม้', ['สวน', 'ดอกไม้']],
    ['彼は「そう」と（笑）', ['彼', 'は', '「そう」', 'と', '（笑）']],
    ['他说：“好。”', ['他', '说：', '“好。”']],
    ['…そう「', ['…', 'そう「']],
    ['「', ['「']],
  ])(
    'takes %s apart, punctuation with the word before it, and what opens with the one after it',
    (text, words) => {
      expect(wordsWithin(text)).toEqual(words)
    },
  )
})

describe('piecesOf', () => {
  it('shares the time of a word by letters, and is written as it was', () => {
    const pieces = piecesOf({ text: '花园，美', startMs: 1_000, endMs: 1_400 }, ['花园，', '美'])

    expect(pieces).toEqual([
      { text: '花园，', startMs: 1_000, endMs: 1_300, isApart: true },
      { text: '美', startMs: 1_300, endMs: 1_400, isApart: false },
    ])
    expect(joinPieces([{ text: 'so:' }, ...pieces])).toBe('so: 花园，美')
  })
})

describe('joinTexts', () => {
  it.each([
    [['so', 'it is'], 'so it is'],
    [['从前有一个国王，', '他有花园。', '花'], '从前有一个国王，他有花园。花'],
    [['他说 OK', '然后'], '他说 OK 然后'],
    [['', 'so', ''], 'so'],
  ])('writes %j as “%s”', (texts, joined) => {
    expect(joinTexts(texts)).toBe(joined)
  })
})

describe('joinWords', () => {
  it.each([
    ['call me', ['call', 'me']],
    ['花园，美丽', ['花', '园，', '美丽']],
    ['他说 OK 然后', ['他', '说', 'OK', '然后']],
    ['サーバーを買う', ['サーバー', 'を', '買う']],
    ['สวนดอกไม้', ['สวน', 'ดอกไม้']],
    ['នំប៉័ង', ['នំ', 'ប៉័ង']],
    ['빵과 우유', ['빵과', '우유']],
  ])('writes “%s”', (joined, words) => {
    expect(joinWords(words)).toBe(joined)
  })
})

describe('countWords', () => {
  it.each([
    ['English', ' so,  it is ', 3],
    ['Korean', '빵과 우유', 2],
    ['Chinese', '花园，美丽。', 2],
    ['Japanese', 'パンを買う。', 3],
    ['Thai', 'สวนดอกไม้ สวย', 3],
    ['nothing', ' ', 0],
    ['marks alone', '… – “…”', 0],
    ['a text with a dash', 'the pool – of 12 tears …', 5],
  ])('counts the words of %s', (_, text, count) => {
    expect(countWords(text)).toBe(count)
    expect(joinPieces(writtenWords(text))).toBe(text.trim().replace(/\s+/g, ' '))
  })
})

describe('searchableText', () => {
  it.each([
    ['what has spaces as it is', 'so,  it  is', 'so,  it  is'],
    ['Chinese by characters', '花园，美 ok', '花 园， 美 ok'],
    ['Japanese by characters', 'iPhoneを買う', 'iPhone を 買 う'],
    ['Thai by words', 'สวนดอกไม้', 'สวน ดอกไม้'],
    ['what stands in brackets', '彼は「東京」', '彼 は 「東 京」'],
  ])('gives %s', (_, text, searched) => {
    expect(searchableText(text)).toBe(searched)
  })
})
