import type { Usage } from './calls.ts'
import type { ProviderName } from './providers-config.ts'

/** What a model costs, in US dollars. */
interface Price {
  /** Per million tokens. Cached ones cost `input` where nothing else is said. */
  input?: number
  cachedInput?: number
  output?: number
  /** Per minute of sound. */
  minute?: number
  /** From this many input tokens on, input costs this many times as much. */
  long?: { fromTokens: number; times: number }
  /** From this day on another price holds. */
  until?: string
}

/**
 * As of 20 November 2026. OpenAI: its pages of models (gpt-transcribe, gpt-6-luna, gpt-5.6-luna, embeddings); whisper-1,
 * gpt-4o-(mini-)transcribe and gpt-4.1-mini as third parties quoted them in August. Gemini: its page of prices as
 * transcribed on 7 October. Rev.ai: a third party of June, not verified. Estimates, therefore: the invoice is right.
 */
const PRICES: Record<ProviderName, Record<string, Price[]>> = {
  openai: {
    'gpt-transcribe': [{ minute: 0.0045 }],
    'whisper-1': [{ minute: 0.006 }],
    'gpt-4o-transcribe': [{ minute: 0.006 }],
    'gpt-4o-mini-transcribe': [{ minute: 0.003 }],
    'gpt-6-luna': [{ input: 0.1, cachedInput: 0.01, output: 0.5, long: { fromTokens: 272_000, times: 2 } }],
    'gpt-5.6-luna': [{ input: 0.2, output: 1.2 }],
    'gpt-4.1-mini': [{ input: 0.4, cachedInput: 0.1, output: 1.6 }],
    'text-embedding-3-small': [{ input: 0.02 }],
    'text-embedding-3-large': [{ input: 0.13 }],
  },
  gemini: {
    'gemini-3.5-flash-lite': [{ input: 0.3, output: 2.5 }],
    'gemini-3.5-flash': [{ input: 1.5, output: 9 }],
    'gemini-3.8-flash': [
      { input: 0.75, output: 3.75, until: '2027-01-01' },
      { input: 1.5, output: 7.5 },
    ],
    'gemini-embedding-2': [{ input: 0.2 }],
  },
  revai: {
    machine: [{ minute: 0.2 / 60 }],
    low_cost: [{ minute: 0.1 / 60 }],
    fusion: [{ minute: 0.005 }],
  },
}

const MILLION = 1_000_000

/** An estimate of what a call cost; undefined where no price is known, or nothing that has one was used. */
export function costOf(
  { provider, model }: { provider: ProviderName; model: string },
  usage: Usage,
  at: Date,
): number | undefined {
  if (usage.costUsd !== undefined) return usage.costUsd
  const price = priceOf(provider, model, at)
  if (!price) return undefined
  const parts = [ofSound(price, usage), ofInput(price, usage), ofOutput(price, usage)]
  const known = parts.filter((part) => part !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, part) => sum + part, 0)
}

/** Whether a model's calls can be estimated at all. */
export const isPriced = (provider: ProviderName, model: string): boolean =>
  priceOf(provider, model, new Date()) !== undefined

function priceOf(provider: ProviderName, model: string, at: Date): Price | undefined {
  const known = PRICES[provider]
  // A dated model costs what the undated one does: gpt-transcribe-2026-10-07.
  const prices = known[model] ?? known[model.replace(/-\d{4}-\d{2}-\d{2}$/, '')]
  return prices?.find(({ until }) => until === undefined || at < new Date(until))
}

const ofSound = ({ minute }: Price, { seconds }: Usage): number | undefined =>
  minute === undefined || seconds === undefined ? undefined : (minute * seconds) / 60

function ofInput({ input, cachedInput, long }: Price, usage: Usage): number | undefined {
  const { inputTokens, cachedInputTokens = 0 } = usage
  if (input === undefined || inputTokens === undefined) return undefined
  const cached = Math.min(cachedInputTokens, inputTokens)
  const times = long && inputTokens > long.fromTokens ? long.times : 1
  return (times * ((inputTokens - cached) * input + cached * (cachedInput ?? input))) / MILLION
}

const ofOutput = ({ output }: Price, { outputTokens }: Usage): number | undefined =>
  output === undefined || outputTokens === undefined ? undefined : (outputTokens * output) / MILLION
