import { comparableWords } from '@app/contracts'
import nlp from 'compromise'
import { primaryLanguage, type Vocabulary, vocabularyOf } from './content-words.ts'

const LONGEST_PHRASE_WORDS = 3

/** Something a text may be about: its words as they were said, and the stems it is counted by. */
export interface Phrase {
  words: readonly string[]
  stems: readonly string[]
}

/**
 * What a stretch of text speaks of, in order: noun phrases where the language's grammar is known (English),
 * else runs of words that carry meaning (the candidates of RAKE; Rose et al., 2010).
 * Costs 5 ms per 100 words of English: callers with long texts go by stretches.
 */
export function candidatePhrases(text: string, language = 'en'): Phrase[] {
  const vocabulary = vocabularyOf(language)
  const stretches =
    primaryLanguage(language) === 'en' ? nounPhrases(text) : text.split(/[.!?…,;:()"“”。！？]+/u)
  return stretches.flatMap((stretch) => contentRuns(comparableWords(stretch), vocabulary))
}

function nounPhrases(text: string): string[] {
  return nlp(text.toLowerCase()).match('#Adjective{0,2} (#Noun && !#Pronoun)+').out('array') as string[]
}

/** "her pale grey eyes" gives "pale grey eyes"; a run that is too long keeps its end, where the noun is. */
function contentRuns(words: readonly string[], vocabulary: Vocabulary): Phrase[] {
  const runs: { words: string[]; stems: string[] }[] = []
  let open = false
  for (const word of words) {
    const stem = vocabulary.stemOf(word)
    if (stem === undefined || /^\d+$/.test(word)) {
      open = false
      continue
    }
    if (!open) runs.push({ words: [], stems: [] })
    open = true
    runs.at(-1)?.words.push(word)
    runs.at(-1)?.stems.push(stem)
  }
  return runs.map((run) => ({
    words: run.words.slice(-LONGEST_PHRASE_WORDS),
    stems: run.stems.slice(-LONGEST_PHRASE_WORDS),
  }))
}
