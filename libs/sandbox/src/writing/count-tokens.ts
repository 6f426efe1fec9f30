/** Roughly as many tokens as a model would count: four letters each. Good enough for a bill, not for a limit. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4)
}

/** Whether a text has more tokens than an embedding model takes, counted as OpenAI counts them. */
export async function exceedsTokens(text: string, most: number): Promise<boolean> {
  // A token is a byte at least.
  if (Buffer.byteLength(text) <= most) return false
  const { isWithinTokenLimit } = await import('gpt-tokenizer/encoding/cl100k_base')
  return isWithinTokenLimit(text, most) === false
}
