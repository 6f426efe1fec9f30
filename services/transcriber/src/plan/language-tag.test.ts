import { describe, expect, it } from 'vitest'
import { languageTag, primaryLanguage, spokenLanguage } from './language-tag.ts'

describe('languageTag', () => {
  it.each([
    ['english', 'en'],
    ['Haitian Creole', 'ht'],
    ['pt_BR', 'pt-BR'],
    ['ENG', 'en'],
    ['whatever this is', undefined],
    ['', undefined],
    [null, undefined],
  ])('makes of %j the tag %s', (named, tag) => {
    expect(languageTag(named)).toBe(tag)
  })
})

describe('spokenLanguage', () => {
  it('is what the user named, whatever was detected', () => {
    expect(spokenLanguage('en-GB', 'german')).toBe('en-GB')
    expect(spokenLanguage(undefined, 'german')).toBe('de')
    expect(spokenLanguage(undefined, undefined)).toBe('und')
  })
})

describe('primaryLanguage', () => {
  it.each([
    ['en-GB', 'en'],
    ['und', undefined],
    [undefined, undefined],
  ])('makes of %s the hint %s', (tag, primary) => {
    expect(primaryLanguage(tag)).toBe(primary)
  })
})
