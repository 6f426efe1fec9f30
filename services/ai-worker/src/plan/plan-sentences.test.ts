import { describe, expect, it } from 'vitest'
import { planSentences } from './plan-sentences.ts'

describe('planSentences', () => {
  it.each([
    [
      'across segments',
      ['Call me', 'Ishmael. Some years', 'ago I sailed.'],
      ['Call me Ishmael.', 'Some years ago I sailed.'],
    ],
    [
      'not after an abbreviation',
      ['Mr. John Dashwood had leisure. He was rich.'],
      ['Mr. John Dashwood had leisure.', 'He was rich.'],
    ],
    [
      'at questions and quotes',
      ['“What is it?” she said. “A book!”'],
      ['“What is it?” she said.', '“A book!”'],
    ],
    ['in Chinese', ['他砸了自己的脚。他哭', '了。'], ['他砸了自己的脚。', '他哭了。']],
  ])('cuts at punctuation %s', (_, texts, sentences) => {
    expect(planSentences(spoken(texts), 'zh')).toEqual(sentences)
  })

  it('cuts at the speaker’s pauses where there is no punctuation', () => {
    const texts = ['call me ishmael some years ago', 'never mind how long precisely']

    expect(planSentences(spoken(texts))).toEqual(texts)
  })

  it('takes a few words before a pause to the next ones', () => {
    expect(
      planSentences(
        spoken(['well', 'it was', 'the best of times you know', 'and the worst of times as well']),
      ),
    ).toEqual(['well it was the best of times you know', 'and the worst of times as well'])
  })

  it('does not take one full stop in an hour for punctuation', () => {
    const texts = [...Array(20).fill('and so it went on and on for ever'), 'said mr. smith']

    expect(planSentences(spoken(texts))).toHaveLength(21)
  })

  it('takes as many words of Thai before a pause to the next ones as of any language', () => {
    const texts = ['สวนดอกไม้', 'มีพระราชาองค์หนึ่งทรงมีสวนดอกไม้', 'นกมากมายบินมาร้องเพลงทุกวัน']

    expect(planSentences(spoken(texts), 'th')).toEqual([`${texts[0]} ${texts[1]}`, texts[2]])
  })

  it.each([
    ['no segments', []],
    ['blank segments', ['', '  ', '\n']],
  ])('finds none in %s', (_, texts) => {
    expect(planSentences(spoken(texts))).toEqual([])
  })

  it('takes a language tag that is none', () => {
    expect(planSentences(spoken(['It is. It was.']), '!!')).toEqual(['It is.', 'It was.'])
  })

  it.each([
    ['unpunctuated', 'word '.repeat(500)],
    ['punctuated', `${'word '.repeat(500)}. And so on. And so forth.`],
  ])('cuts an endless %s sentence and loses no word', (_, text) => {
    const sentences = planSentences(spoken([text]))

    expect(sentences.join(' ')).toBe(text.trim())
    expect(Math.max(...sentences.map((sentence) => sentence.split(' ').length))).toBeLessThanOrEqual(60)
  })

  it('gets through hours of music without words at once', () => {
    const notes = Array.from({ length: 40_000 }, () => '♪ ♪♪ …')

    const sentences = planSentences(spoken(notes))

    expect(sentences.join(' ')).toBe(notes.join(' '))
  })
})

function spoken(texts: readonly string[]) {
  return texts.map((text) => ({ text }))
}
