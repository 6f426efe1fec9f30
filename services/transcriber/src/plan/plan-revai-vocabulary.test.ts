import { describe, expect, it } from 'vitest'
import { planRevAiVocabulary } from './plan-revai-vocabulary.ts'

describe('planRevAiVocabulary', () => {
  it.each([
    ['a name', 'Herman Melville', ['Herman Melville']],
    ['a number and a title', 'Chapter 12: The Spouter-Inn', ['The Spouter-Inn']],
    ['two titles', 'Moby-Dick; or, The Whale', ['Moby-Dick', 'or', 'The Whale']],
    ['a number alone', '1984', []],
    ['letters with marks', 'Charlotte Brontë', ['Charlotte Bronte']],
    ['curly quotes', 'Ahab’s', ["Ahab's"]],
    ['another script', 'Толстой', []],
    ['a word of more than 34 letters', 'x'.repeat(35), []],
    ['more than twelve words', 'a b c d e f g h i j k l m', []],
    ['nothing', ' ', []],
  ])('makes of %s what Rev.ai takes in English', (_, name, phrases) => {
    expect(planRevAiVocabulary([name], 'en')).toEqual(phrases)
  })

  it('keeps the letters of other languages', () => {
    expect(planRevAiVocabulary(['Толстой', 'Brontë'], 'ru')).toEqual(['Толстой', 'Brontë'])
  })

  it('says nothing twice, and no more than a thousand things', () => {
    const letters = [...'abcdefghijk']
    const names = letters.flatMap((a) => letters.flatMap((b) => letters.map((c) => a + b + c)))

    expect(planRevAiVocabulary([...names, ...names], 'en')).toEqual(names.slice(0, 1_000))
  })
})
