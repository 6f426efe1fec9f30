import { describe, expect, it } from 'vitest'
import { candidatePhrases, type Phrase } from './candidate-phrases.ts'
import { planTags } from './plan-tags.ts'

describe('planTags', () => {
  it('names what is spoken of most, once however it is inflected', () => {
    const tags = planTags(said('whale', 'ship', 'whales', 'whale', 'ships', 'rope'))

    expect(tags).toEqual(['whale', 'ship', 'rope'])
  })

  it('prefers the longer name, and then not its part', () => {
    expect(planTags(said('white rabbit', 'white rabbit', 'rabbit', 'hat'))).toEqual(['white rabbit', 'hat'])
  })

  it('prefers the part that is said far more often', () => {
    expect(planTags(said('rabbit', 'rabbit', 'rabbit', 'rabbit', 'white rabbit', 'hat'))).toEqual([
      'rabbit',
      'hat',
    ])
  })

  it('lifts what the title names', () => {
    expect(planTags(said('ship', 'ship', 'ship', 'whale', 'whale', 'whale'), ['whale'])[0]).toBe('whale')
  })

  it('gives ten at most, and in the order of the text where all are equal', () => {
    const phrases = said(...Array.from({ length: 100 }, (_, index) => `thing${index}x`))

    expect(planTags(phrases)).toEqual(Array.from({ length: 10 }, (_, index) => `thing${index}x`))
  })

  it('gives none where nothing is named', () => {
    expect(planTags([])).toEqual([])
  })
})

describe('candidatePhrases', () => {
  it.each([
    [
      'noun phrases without pronouns',
      'she saw his grey eyes and the beautiful old fireplace',
      'en',
      ['grey eyes', 'fireplace'],
    ],
    ['no names of speakers’ fillers', 'well you know it was a thing', 'en', []],
    [
      'runs between stopwords in other languages',
      'la casa de la montaña azul',
      'es',
      ['casa', 'montaña azul'],
    ],
    ['words where stopwords are unknown', 'qapla batlh', 'tlh', ['qapla', 'batlh']],
    ['words by dictionary where there are no spaces', '船长追赶白鲸', 'zh', ['船长', '追赶', '白鲸']],
    ['the end of a long run', 'casa grande verde azul montaña', 'es', ['verde azul montaña']],
    ['nothing', '…', 'en', []],
  ])('finds %s', (_, text, language, phrases) => {
    expect(candidatePhrases(text, language).map(({ words }) => words.join(' '))).toEqual(phrases)
  })
})

function said(...phrases: string[]): Phrase[] {
  return phrases.map((phrase) => ({
    words: phrase.split(' '),
    stems: phrase.split(' ').map((word) => word.replace(/s$/, '')),
  }))
}
