import { describe, expect, it } from 'vitest'
import { comparableWords, wordErrorRate } from './word-error-rate.ts'

describe('wordErrorRate', () => {
  it.each([
    ['the same words', 'call me ishmael', 'call me ishmael', 0],
    ['only case and punctuation differ', 'Call me — Ishmael.', 'call me ishmael', 0],
    ['a curly apostrophe against a straight one', 'don’t', "don't", 0],
    ['a hyphen against a space', 'ill-disposed young man', 'ill disposed young man', 0],
    ['one word of four replaced', 'the best of times', 'the rest of times', 1 / 4],
    ['one word of four left out', 'the best of times', 'the best times', 1 / 4],
    ['one word added to four', 'the best of times', 'the very best of times', 1 / 4],
    ['a shifted text costs its shift, not every word', 'a b c d e', 'b c d e', 1 / 5],
    ['nothing heard', 'the best of times', '', 1],
    ['more invented than said', 'yes', 'oh no not at all', 5],
    ['silence heard as silence', '', '', 0],
    ['words where there were none', '', 'hello', 1],
  ])('%s', (_, reference, hypothesis, rate) => {
    expect(wordErrorRate(reference, hypothesis)).toBeCloseTo(rate, 10)
  })
})

describe('comparableWords', () => {
  it('keeps letters of any script with their marks, and digits', () => {
    expect(comparableWords('C’est la dictée №1 — हिन्दी')).toEqual(["c'est", 'la', 'dictée', 'no1', 'हिन्दी'])
  })

  it('counts characters where a script has no spaces', () => {
    expect(comparableWords('砸自己的脚, ok')).toEqual(['砸', '自', '己', '的', '脚', 'ok'])
    expect(comparableWords('これはペン')).toEqual(['こ', 'れ', 'は', 'ペ', 'ン'])
  })

  it('drops apostrophes that quote, keeps those that are part of a word', () => {
    expect(comparableWords("'tis the dogs' life, isn't it?'")).toEqual([
      'tis',
      'the',
      'dogs',
      'life',
      "isn't",
      'it',
    ])
  })
})
