import { FatalError, loadSdk } from '@app/runtime'
import type { GoogleGenAI } from '@google/genai'
import type OpenAI from 'openai'
import { limitedFetch } from './limited-fetch.ts'
import { type ProviderName, type ProviderSetup, type ProvidersConfig, setupOf } from './providers-config.ts'

/**
 * The longest a request may take. Node's fetch gives up by itself after 300 s without headers, with an error that does
 * not say so.
 */
export const MOST_TIMEOUT_MS = 290_000

/**
 * No retries of the SDK's own. They would sleep in a job's slot for up to a minute, ask an account without credit
 * again, and pass by the shared limits, the circuit and the record of what is spent: a job that comes back in its time
 * costs none of that. Only `timeout`s of a call are shorter than this one.
 */
const SDK_RETRIES = 0

/** The SDK's client. Error `provider-not-configured`. What it throws is for `openaiFailure`. */
export function openaiClient(config: ProvidersConfig): OpenAI {
  const { key, baseUrl } = neededSetup(config, 'openai')
  const sdk = loadSdk<typeof import('openai')>('openai')
  return new sdk.OpenAI({
    // All of them said, because the SDK takes what is not said from environment variables of its own.
    ...{ apiKey: key?.reveal() ?? 'none', baseURL: baseUrl, adminAPIKey: null },
    ...{ organization: null, project: null, webhookSecret: null },
    ...{ maxRetries: SDK_RETRIES, timeout: MOST_TIMEOUT_MS, fetch: limitedFetch(), logLevel: 'off' },
  })
}

/**
 * The SDK's client. Error `provider-not-configured`. What it throws is for `geminiFailure`. All its requests end with
 * `signal`: those of an upload take none of their own.
 */
export function geminiClient(config: ProvidersConfig, signal?: AbortSignal): GoogleGenAI {
  const { key, baseUrl } = neededSetup(config, 'gemini')
  const sdk = loadSdk<typeof import('@google/genai')>('@google/genai')
  return new sdk.GoogleGenAI({
    // Said, because the SDK takes what is not said from environment variables of its own.
    ...{ apiKey: key?.reveal() ?? '', vertexai: false },
    // v1 lacks preview fields; without `retryOptions` nothing is tried twice.
    apiVersion: 'v1beta',
    httpOptions: { baseUrl, timeout: MOST_TIMEOUT_MS, fetch: endingWith(signal) },
  })
}

function endingWith(signal: AbortSignal | undefined): typeof fetch {
  const limited = limitedFetch()
  if (!signal) return limited
  return (input, init) =>
    limited(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal })
}

function neededSetup(config: ProvidersConfig, provider: ProviderName): ProviderSetup {
  const setup = setupOf(config, provider)
  if (setup) return setup
  const variable = { openai: 'OPENAI_API_KEY', gemini: 'GEMINI_API_KEY', revai: 'REVAI_ACCESS_TOKEN' }[
    provider
  ]
  throw new FatalError('provider-not-configured', `${provider} is not configured: set ${variable}`)
}
