/**
 * Word error rate: the fewest substitutions, insertions and deletions that turn the reference into the
 * hypothesis, per word of the reference. 0 is perfect; many invented words can take it above 1.
 * Case, punctuation and hyphens don't count: recognisers that write none are not wrong about words.
 *
 * Source: Levenshtein distance over words, as NIST's sclite scores it. Keeps two rows, so an hour against
 * an hour (10,000 words each) takes about a second and no memory to speak of.
 */
export function wordErrorRate(reference: string, hypothesis: string): number {
  const expected = comparableWords(reference)
  const heard = comparableWords(hypothesis)
  if (expected.length === 0) return heard.length === 0 ? 0 : 1

  return editDistance(expected, heard) / expected.length
}

/**
 * A text's words as they are compared: lower case, without punctuation, inner apostrophes kept. Chinese and
 * Japanese put no spaces between words: there each character counts, as error rates are given for them.
 */
export function comparableWords(text: string): string[] {
  const plain = text.normalize('NFKC').toLowerCase().replace(/[’ʼ]/g, "'")
  return plain.match(WORD) ?? []
}

const WORD =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]|[[\p{L}\p{M}\p{N}]--[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]]+(?:'[\p{L}\p{M}\p{N}]+)*/gv

function editDistance(from: readonly string[], to: readonly string[]): number {
  let previous = Uint32Array.from({ length: to.length + 1 }, (_, column) => column)
  let current = new Uint32Array(to.length + 1)

  for (const [row, word] of from.entries()) {
    current[0] = row + 1
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = at(previous, column - 1) + (word === to[column - 1] ? 0 : 1)
      const removed = at(previous, column) + 1
      const added = at(current, column - 1) + 1
      current[column] = Math.min(replaced, removed, added)
    }
    ;[previous, current] = [current, previous]
  }
  return at(previous, to.length)
}

/** Rows are sized by the words themselves, so every index read here is inside. */
function at(row: Uint32Array, index: number): number {
  return row[index] ?? 0
}
