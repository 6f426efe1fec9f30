/** Of prose, letters share tokens; the shortest words are a token of two characters, the space before them included. */
const PER_ASCII_LETTER = 0.6

/**
 * More tokens than any common tokenizer makes of a text, for what has to fit into a model's window: about 2.5 times
 * what current ones make of English, 4 of Chinese or Russian. It is a bound and no count because the vocabulary of
 * OpenAI's current models takes 68 MB and half a second to load, and counting a megabyte of one letter takes minutes.
 *
 * Source: a tokenizer that starts from bytes makes at most one token of each. Of ASCII letters and spaces it never made
 * more than 0.5 in the prose of tokens.test.ts, where OpenAI's oldest and newest vocabularies (50,000 and 200,000
 * entries) are asked.
 */
export function tokensAtMost(text: string): number {
  let letters = 0
  let bytes = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === SPACE || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)) letters += 1
    // Two UTF-16 units of a pair are four bytes together; half a pair is written as three.
    else bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : 3
  }
  return Math.ceil(letters * PER_ASCII_LETTER) + bytes
}

/**
 * About as many tokens as current tokenizers make of prose, for what is billed by a provider that doesn't count.
 *
 * Source: OpenAI's vocabulary of 200,000 entries on the prose of tokens.test.ts, for each UTF-16 unit by its script.
 */
export function tokensAbout(text: string): number {
  let tokens = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    tokens += PER_UNIT.find(([below]) => code < below)?.[1] ?? 1
  }
  return Math.ceil(tokens)
}

const SPACE = 32

const PER_UNIT: readonly [below: number, tokens: number][] = [
  [0x80, 0.25],
  // Other Latin letters, Greek, Cyrillic, Hebrew, Arabic
  [0x900, 0.4],
  // The scripts of India
  [0xe00, 0.35],
  // Thai, Lao
  [0xf00, 0.5],
  // Tibetan, Burmese, Georgian
  [0x1100, 0.6],
  // Amharic, Khmer, and what is rare
  [0x2000, 1],
  // Punctuation and signs
  [0x2e80, 0.5],
  // Chinese, Japanese
  [0xac00, 0.8],
  // Korean
  [0xd800, 0.75],
]
