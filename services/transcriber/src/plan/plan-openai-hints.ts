/** gpt-transcribe takes words; how many is not published. */
const MOST_KEYWORDS = 100
const MOST_KEYWORD_LENGTH = 80
/** Whisper reads the last 224 tokens of a prompt and no more; a token of names is three characters or so. */
const MOST_PROMPT_LENGTH = 600

/** What helps the model to spell names: keywords where it knows them, else a prompt of them. The likeliest come first. */
export function planOpenAiHints(
  model: string,
  names: readonly string[],
): { keywords?: string[]; prompt?: string } {
  const known = [...new Set(names.map((name) => name.replace(/\s+/g, ' ').trim()))].filter(
    (name) => name !== '' && name.length <= MOST_KEYWORD_LENGTH,
  )
  if (known.length === 0 || /diarize/.test(model)) return {}
  if (model.startsWith('gpt-transcribe')) return { keywords: known.slice(0, MOST_KEYWORDS) }
  let prompt = ''
  for (const name of known) {
    const longer = prompt === '' ? name : `${prompt}, ${name}`
    if (longer.length > MOST_PROMPT_LENGTH) break
    prompt = longer
  }
  return { prompt: `${prompt}.` }
}
