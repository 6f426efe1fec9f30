const MOST_PHRASES = 1_000
const MOST_WORDS = 12
const MOST_WORD_LENGTH = 34
/** English takes Basic Latin without digits; other languages their own letters, which these are. */
const DIGITS = /\p{N}/u
const LETTER = /\p{L}/u
const BASIC_LATIN = /^[\x20-\x7e]*$/

/**
 * Names as Rev.ai takes them for hints: no digits, at most twelve words of 34 letters each, a thousand phrases. One
 * phrase that breaks a rule would have the whole job refused, so it is left out.
 */
export function planRevAiVocabulary(names: readonly string[], language: string): string[] {
  const phrases = names.flatMap((name) => phrasesOf(plain(name, language)))
  return [...new Set(phrases)].filter((phrase) => isAllowed(phrase, language)).slice(0, MOST_PHRASES)
}

/** "Chapter 12: The Spouter-Inn" is two phrases, of which the second has no digit. */
const phrasesOf = (name: string): string[] => name.split(/[:;,()[\]"|/]+|\s+[-–—]\s+/).map(oneSpace)

const oneSpace = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** Basic Latin only for English: "Brontë" is spelled "Bronte", and hints at itself all the same. */
function plain(text: string, language: string): string {
  const quoted = text.replace(/[‘’]/g, "'")
  return language === 'en' ? quoted.normalize('NFKD').replace(/\p{M}/gu, '') : quoted
}

function isAllowed(phrase: string, language: string): boolean {
  const words = phrase.split(' ')
  return (
    LETTER.test(phrase) &&
    !DIGITS.test(phrase) &&
    (language !== 'en' || BASIC_LATIN.test(phrase)) &&
    words.length <= MOST_WORDS &&
    words.every((word) => word.length <= MOST_WORD_LENGTH)
  )
}
