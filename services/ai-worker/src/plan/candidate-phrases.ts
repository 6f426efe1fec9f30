import { createRequire } from 'node:module'
import type Compromise from 'compromise'
import { primaryLanguage, type Vocabulary, vocabularyOf } from './content-words.ts'

const require = createRequire(import.meta.url)
/**
 * Loaded when it is first needed: it takes half a second of a core and 40 MB, which a worker that asks a language model
 * never needs. `require` gives its build of one file, which loads in half the time of its 436 modules.
 */
const loadGrammar = (): typeof Compromise => require('compromise')
const LONGEST_PHRASE_WORDS = 3

/** Something a text may be about: its words as they were said, and the stems it is counted by. */
export interface Phrase {
  words: readonly string[]
  stems: readonly string[]
}

/**
 * What a stretch of text speaks of, in order: noun phrases where the language's grammar is known (English),
 * else runs of words that carry meaning (the candidates of RAKE; Rose et al., 2010), and single words where
 * not even the stopwords are known.
 * Costs 5 ms per 100 words of English: callers with long texts go by stretches.
 */
export function candidatePhrases(text: string, language = 'en'): Phrase[] {
  const vocabulary = vocabularyOf(language)
  if (primaryLanguage(language) === 'en') {
    return nounPhrases(text).flatMap((phrase) =>
      contentRuns(vocabulary.wordsOf(phrase), vocabulary).filter(endsPhrase),
    )
  }
  const clauses = text.split(/[.!?…,;:()"“”。！？，、]+/u)
  return clauses.flatMap((clause) => contentRuns(vocabulary.wordsOf(clause), vocabulary))
}

function nounPhrases(text: string): string[] {
  const nlp = loadGrammar()
  return nlp(text.toLowerCase()).match('#Adjective{0,2} (#Noun && !#Pronoun)+').out('array') as string[]
}

interface Run extends Phrase {
  /** Whether nothing without meaning follows: "beautiful" of "beautiful old thing" names nothing. */
  isLast: boolean
}

function endsPhrase({ isLast }: Run): boolean {
  return isLast
}

/** Neighbouring words that carry meaning; of a long run its end, where the noun is. */
function contentRuns(words: readonly string[], vocabulary: Vocabulary): Run[] {
  const runs: { words: string[]; stems: string[]; end: number }[] = []
  for (const [index, word] of words.entries()) {
    const stem = vocabulary.stemOf(word)
    if (stem === undefined || /^\d+$/.test(word)) continue
    const open = runs.at(-1)
    if (open?.end === index && vocabulary.hasStopwords) {
      open.words.push(word)
      open.stems.push(stem)
      open.end = index + 1
    } else {
      runs.push({ words: [word], stems: [stem], end: index + 1 })
    }
  }
  return runs.map((run) => ({
    words: run.words.slice(-LONGEST_PHRASE_WORDS),
    stems: run.stems.slice(-LONGEST_PHRASE_WORDS),
    isLast: run.end === words.length,
  }))
}
