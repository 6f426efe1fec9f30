const STOPWORDS = new Set(
  'a an and are as at be but by for from had has have he her his i in into is it its my no not of on or our she so that the their them then there they this to up upon was we were what when which who with you your'.split(
    ' ',
  ),
)

/** A unit vector of a text's words: texts that share words are near each other. Nothing more is meant by it. */
export function textVector(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions)
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const telling = words.filter((word) => !STOPWORDS.has(word))
  for (const word of telling.length > 0 ? telling : [text]) {
    const hash = hashOf(stemOf(word))
    const place = (hash >>> 1) % dimensions
    vector[place] = (vector[place] ?? 0) + (hash & 1 ? 1 : -1)
  }
  const length = Math.hypot(...vector)
  // Words that cancelled each other out.
  if (length === 0) vector[0] = 1
  return length === 0 ? vector : vector.map((value) => value / length)
}

function stemOf(word: string): string {
  return word.length > 4 ? word.replace(/(ing|ed|es|s)$/, '') : word
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return (hash ^ (hash >>> 15)) >>> 0
}
