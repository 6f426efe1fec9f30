/** What matters of a language model before it is asked. */
export interface ModelTraits {
  /** Tokens of question and answer together. */
  windowTokens: number
  mostAnswerTokens: number
}

/** Of a model we don't know: as much as small ones behind compatible servers are usually started with. */
export const UNKNOWN_WINDOW = 8_192

/** Above 272,000 tokens OpenAI charges twice, so that is where we see the window's end. */
const KNOWN: readonly [RegExp, ModelTraits][] = [
  [/^gpt-oss/, { windowTokens: 131_072, mostAnswerTokens: 32_768 }],
  [/^gpt-4\.1/, { windowTokens: 272_000, mostAnswerTokens: 32_768 }],
  [/^gpt-4o/, { windowTokens: 128_000, mostAnswerTokens: 16_384 }],
  [/^gpt-[5-9]/, { windowTokens: 272_000, mostAnswerTokens: 65_536 }],
  [/^o\d/, { windowTokens: 200_000, mostAnswerTokens: 65_536 }],
  [/^gemini-[2-9]/, { windowTokens: 1_000_000, mostAnswerTokens: 65_536 }],
]

/** By the model's name; `window` says otherwise for models whose size only their operator knows. */
export function traitsOf(model: string, window?: number): ModelTraits {
  const known = KNOWN.find(([name]) => name.test(model))?.[1]
  const windowTokens = window ?? known?.windowTokens ?? UNKNOWN_WINDOW
  const most = known?.mostAnswerTokens ?? Number.POSITIVE_INFINITY
  return { windowTokens, mostAnswerTokens: Math.min(most, Math.floor(windowTokens / 2)) }
}

/**
 * What OpenAI's own models are asked with beside the question. Other servers are asked in the words that all of them
 * know: what is new to them some refuse, and `max_tokens` is what OpenAI's reasoning models refuse. The name decides and
 * not the address, since proxies pass OpenAI's models on.
 */
export function openaiParameters(model: string, mostTokens: number) {
  if (!isOpenai(model)) return { max_tokens: mostTokens }
  const effort = effortOf(model)
  return {
    max_completion_tokens: mostTokens,
    store: false,
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
  }
}

const isOpenai = (model: string): boolean => /^(gpt-(?!oss)|chatgpt-|o\d)/.test(model)

/** The least that the model takes: reading and rephrasing needs none. Undefined where it reasons not, or we don't know. */
function effortOf(model: string): 'none' | 'minimal' | 'low' | undefined {
  if (/-(pro|codex|chat)\b/.test(model)) return undefined
  if (/^gpt-(5\.[1-9]|[6-9])/.test(model)) return 'none'
  if (/^gpt-5(-|$)/.test(model)) return 'minimal'
  return /^o\d/.test(model) ? 'low' : undefined
}

/** The least thinking that a Gemini model takes; undefined where it is not said, because another would be refused. */
export function geminiThinking(
  model: string,
): { thinkingBudget: number } | { thinkingLevel: 'MINIMAL' | 'LOW' } | undefined {
  if (/^gemini-2\.5-flash/.test(model)) return { thinkingBudget: 0 }
  if (/^gemini-2\.5-pro/.test(model)) return { thinkingBudget: 128 }
  if (/^gemini-[3-9].*flash/.test(model)) return { thinkingLevel: 'MINIMAL' }
  return /^gemini-[3-9].*pro/.test(model) ? { thinkingLevel: 'LOW' } : undefined
}
