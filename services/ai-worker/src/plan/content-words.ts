import { comparableWords } from '@app/contracts'
import { stemmer } from 'stemmer'
import { dan, deu, eng, fin, fra, ita, nld, nob, pol, por, rus, spa, swe } from 'stopword'

/** What English readers and speakers say often without saying anything about the subject. */
const ENGLISH_FILLERS = `
  a about again ago all almost already also although always am among an and another any anyone
  anything are aren't around as ask asked at away back be became because become been before began
  begin being below best better between both but by call called came can can't cannot come comes
  coming could couldn't day days did didn't do does doesn't doing don't done down each either else
  enough even ever every everybody everyone everything far few first for found from gave get gets
  getting give given go goes going gone good got great had hadn't half has hasn't have haven't having
  he he'd he'll he's hear heard her here here's hers herself hey him himself his how however i i'd
  i'll i'm i've if in into is isn't it it'll it's its itself just keep kept kind knew know known knows
  last least leave left less let let's like likely little long look looked looking lot lots made make
  makes making many may maybe me mean means might mine more most mr mrs ms much must my myself near
  nearly need needn't neither never new next no nobody none nor not nothing now of off often oh okay
  old on once one ones only onto or other others our ours ourselves out over own part people perhaps
  place put quite rather really right round said same saw say saying says second see seeing seem
  seemed seems seen set several shall shan't she she'd she'll she's should shouldn't since so some
  somebody someone something sometimes soon still such suddenly sure take taken taking talk tell than
  that that's the their theirs them themselves then there there's therefore these they they'd they'll
  they're they've thing things think this those though thought three through thus till time times to
  together told too took toward towards try turn turned two uh um under until up upon us use used very
  want wanted was wasn't way ways we we'd we'll we're we've well went were weren't what what's
  whatever when whenever where whether which while who who's whole whom whose why will wish with
  within without won't word words would wouldn't yeah year years yes yet you you'd you'll you're
  you've your yours yourself
`

const STOPWORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  en: new Set([...eng, ...ENGLISH_FILLERS.trim().split(/\s+/)]),
  ...Object.fromEntries(
    Object.entries({
      da: dan,
      de: deu,
      es: spa,
      fi: fin,
      fr: fra,
      it: ita,
      nb: nob,
      nl: nld,
      no: nob,
      pl: pol,
      pt: por,
      ru: rus,
      sv: swe,
    }).map(([language, words]) => [language, new Set(words)]),
  ),
}
const NO_STOPWORDS: ReadonlySet<string> = new Set()

/** Written without spaces: their words are found by dictionary. */
const UNSPACED = new Set(['zh', 'ja', 'th', 'lo', 'km', 'my'])

/** The words of a language: what they are in a text, and what those that carry meaning are counted as. */
export interface Vocabulary {
  wordsOf(text: string): string[]
  /** The stem a word is counted by, or undefined for one that says nothing by itself. */
  stemOf(word: string): string | undefined
  /** Whether words without meaning of their own are known, and so what stands between them is a phrase. */
  hasStopwords: boolean
}

/** An unknown language has no stopwords and no stems: counting whole words still finds what is spoken of. */
export function vocabularyOf(language = 'en'): Vocabulary {
  const primary = primaryLanguage(language)
  const unspaced = UNSPACED.has(primary)
  const stopwords = STOPWORDS[primary] ?? NO_STOPWORDS
  const shortest = primary === 'en' ? 3 : 2
  return {
    wordsOf: unspaced ? (text) => segmentedWords(text, primary) : comparableWords,
    stemOf(word) {
      if (word.length < shortest || stopwords.has(word)) return undefined
      return primary === 'en' ? stemmer(word) : word
    },
    hasStopwords: stopwords.size > 0,
  }
}

export function primaryLanguage(language: string): string {
  return language.toLowerCase().split(/[-_]/)[0] ?? ''
}

/** Stems of a text's words that carry meaning, in order, repetitions kept. */
export function contentStems(text: string, vocabulary: Vocabulary): string[] {
  return vocabulary.wordsOf(text).flatMap((word) => vocabulary.stemOf(word) ?? [])
}

function segmentedWords(text: string, language: string): string[] {
  const segments = new Intl.Segmenter(language, { granularity: 'word' }).segment(text.toLowerCase())
  return [...segments].flatMap(({ segment, isWordLike }) => (isWordLike ? [segment] : []))
}
