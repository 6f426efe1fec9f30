import { countWords, joinPieces, joinTexts, writtenWords } from '@app/contracts'

interface SpokenText {
  text: string
}

/** Fewer sentence ends than one in this many words: the recogniser writes no punctuation. */
const WORDS_PER_SENTENCE_END = 60
/** A pause after fewer words is hesitation, not the end of a thought. */
const SHORTEST_SENTENCE_WORDS = 6
/** More than this is not one sentence, whatever the punctuation says. */
const LONGEST_SENTENCE_WORDS = 60

/**
 * A transcript's sentences in order: by punctuation where there is any, else by the speaker's pauses, which
 * are what separates segments. No word is lost or repeated.
 */
export function planSentences(segments: readonly SpokenText[], language = 'en'): string[] {
  const texts = segments
    .map((segment) => segment.text.replace(/\s+/g, ' ').trim())
    .filter((text) => text !== '')
  const sentences = isPunctuated(texts) ? byPunctuation(texts, language) : byPause(texts)
  return sentences.flatMap(cutOverlong)
}

function isPunctuated(texts: readonly string[]): boolean {
  let words = 0
  let ends = 0
  for (const text of texts) {
    words += countWords(text)
    ends += text.match(/\p{L}[.!?…]["'”’)]*(?=\s|$)|[。！？।]/gu)?.length ?? 0
  }
  return ends > 0 && ends * WORDS_PER_SENTENCE_END >= words
}

/** Segments end in the middle of sentences, so they are joined before being cut at the real ends. */
function byPunctuation(texts: readonly string[], language: string): string[] {
  const sentences = [...segmenter(language).segment(joinTexts(texts))].map(({ segment }) => segment.trim())
  return rejoin(sentences.filter((sentence) => sentence !== ''))
}

/** Unicode's rules cut after "Mr." and before "she said": they know no abbreviations and no novels. */
function rejoin(sentences: readonly string[]): string[] {
  const whole: string[] = []
  for (const sentence of sentences) {
    const previous = whole.at(-1)
    if (previous && goesOn(previous, sentence)) whole[whole.length - 1] = joinTexts([previous, sentence])
    else whole.push(sentence)
  }
  return whole
}

function goesOn(before: string, after: string): boolean {
  if (/(?:^|\s)(?:\p{Lu}|Mr|Mrs|Ms|Dr|St|Prof|Rev|Capt|Col|Gen|No|vs|etc)\.$/u.test(before)) return true
  return /["'”’»]$/u.test(before) && /^\p{Ll}/u.test(after)
}

/** `Intl.Segmenter` throws on a tag that isn't one; users and tags of files name languages in every way. */
function segmenter(language: string): Intl.Segmenter {
  try {
    return new Intl.Segmenter(language, { granularity: 'sentence' })
  } catch {
    return new Intl.Segmenter('en', { granularity: 'sentence' })
  }
}

function byPause(texts: readonly string[]): string[] {
  const sentences: string[][] = []
  let words = SHORTEST_SENTENCE_WORDS
  for (const text of texts) {
    if (words >= SHORTEST_SENTENCE_WORDS) {
      sentences.push([])
      words = 0
    }
    sentences.at(-1)?.push(text)
    // Counted once: of music there may be hours without any.
    words += countWords(text)
  }
  return sentences.map(joinTexts)
}

function cutOverlong(sentence: string): string[] {
  const words = writtenWords(sentence)
  if (words.length <= LONGEST_SENTENCE_WORDS) return [sentence]
  const parts = Math.ceil(words.length / LONGEST_SENTENCE_WORDS)
  const size = Math.ceil(words.length / parts)
  return Array.from({ length: parts }, (_, part) => joinPieces(words.slice(part * size, (part + 1) * size)))
}
