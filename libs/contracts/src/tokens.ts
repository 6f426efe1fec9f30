/** Of prose, letters share tokens; the shortest words are a token of two characters, the space before them included. */
const PER_ASCII_LETTER = 0.6

/**
 * More tokens than any common tokenizer makes of a text, for what has to fit into a model's window: about 2.5 times
 * what current ones make of English, 4 of Chinese or Russian. It is a bound and no count because the vocabulary of
 * OpenAI's current models takes 68 MB and half a second to load, and counting a megabyte of one letter takes minutes.
 *
 * Source: a tokenizer that starts from bytes makes at most one token of each. Of ASCII letters and spaces it never made
 * more than 0.5 in the prose of tokens.test.ts, where OpenAI's oldest and newest vocabularies (50,000 and 200,000 entries) are asked.
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

const SPACE = 32
