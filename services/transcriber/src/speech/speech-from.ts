import { SPEECH_PROVIDERS, type SpeechProvider } from '@app/contracts'
import {
  type AnswerCache,
  geminiClient,
  openaiClient,
  type ProviderCalls,
  type ProviderName,
  type ProviderSetup,
  type ProvidersConfig,
  providersConfig,
  REVAI_WEBHOOK_PATH,
  revaiWebhookConfig,
  revaiWebhookToken,
  setupOf,
} from '@app/providers'
import { FatalError, Secret } from '@app/runtime'
import { z } from 'zod'
import { canReach } from '../plan/can-reach.ts'
import { geminiSpeech } from './gemini/gemini-speech.ts'
import { openAiSpeech } from './openai/openai-speech.ts'
import { pocketSphinx } from './pocketsphinx.ts'
import type { SpeechToText } from './port.ts'
import { EFFORTS, type Effort } from './recognise-spans.ts'
import { revAiClient } from './revai/revai-client.ts'
import type { RevAiDeps } from './revai/revai-deps.ts'
import { revAiSpeech } from './revai/revai-speech.ts'
import { withCache } from './with-cache.ts'
import { withFallback } from './with-fallback.ts'

const names = z
  .string()
  .transform((list) => list.split(',').map((name) => name.trim()))
  .pipe(z.array(z.enum(SPEECH_PROVIDERS)))

/** The variables `speechFrom` reads, to be spread into the service's `loadConfig`. */
export const speechConfig = {
  ...providersConfig,
  ...revaiWebhookConfig,
  /** `auto` takes the first provider that is configured; with none configured, speech stays on this machine. */
  TRANSCRIBE_PROVIDER: z.enum(['auto', ...SPEECH_PROVIDERS]).default('auto'),
  /** Who is asked while that one can't be: its key is refused, its credit gone, or it is down. */
  TRANSCRIBE_FALLBACK: names.default([]),
  /** How thoroughly the offline recogniser searches. */
  POCKETSPHINX_EFFORT: z.enum(EFFORTS).default('full'),
  /** How long Rev.ai keeps sound and text of finished jobs; longer than we may be down. */
  REVAI_DELETE_AFTER_SECONDS: z.coerce.number().int().min(3_600).max(2_592_000).optional(),
  /** Whether its credit is looked at before sound is sent; accounts that are invoiced have none. */
  REVAI_CHECK_BALANCE: z.stringbool().default(true),
}

export interface SpeechConfig extends ProvidersConfig {
  TRANSCRIBE_PROVIDER: 'auto' | SpeechProvider
  TRANSCRIBE_FALLBACK: readonly SpeechProvider[]
  POCKETSPHINX_EFFORT: Effort
  REVAI_DELETE_AFTER_SECONDS?: number | undefined
  REVAI_CHECK_BALANCE: boolean
  REVAI_WEBHOOK_SECRET?: Secret | undefined
  SIGNING_SECRET: Secret
  PUBLIC_URL: string
}

export interface SpeechDeps {
  calls: ProviderCalls
  cache: AnswerCache
  /** Where signed addresses of our storage lead, and what makes sound readable there; without it, sound is uploaded. */
  storageUrl: string
  share?: RevAiDeps['share']
}

/** The provider that the job names, or the configured one. Error: `provider-not-configured`. */
export type SpeechFor = (named?: SpeechProvider | undefined) => SpeechToText

const KEYS: Record<ProviderName, string> = {
  revai: 'REVAI_ACCESS_TOKEN',
  openai: 'OPENAI_API_KEY',
  gemini: 'GEMINI_API_KEY',
}

/** Choosing a provider is configuration, never code: this is the only place that knows their names. */
export function speechFrom(config: SpeechConfig, deps: SpeechDeps): SpeechFor {
  const made = new Map(SPEECH_PROVIDERS.map((name) => [name, speechOf(name, config, deps)]))
  const configured = (name: SpeechProvider, wanted: string): SpeechToText => {
    const speech = made.get(name)
    if (speech) return speech
    const variable = KEYS[name as ProviderName]
    throw new FatalError(
      'provider-not-configured',
      `${wanted} ${name}, which is not configured: set ${variable}`,
    )
  }
  // In the order of their names: offline is last, and always there.
  const [auto] = [...made.values()].filter((speech) => speech !== undefined)
  const chosen =
    config.TRANSCRIBE_PROVIDER === 'auto'
      ? (auto as SpeechToText)
      : configured(config.TRANSCRIBE_PROVIDER, 'TRANSCRIBE_PROVIDER is')
  const others = config.TRANSCRIBE_FALLBACK.map((name) => configured(name, 'TRANSCRIBE_FALLBACK names'))
  const usual = withFallback(
    chosen,
    others.filter((other) => other !== chosen),
  )
  // Who asks for one by its name wants that one.
  return (named) => (named === undefined ? usual : configured(named, 'the job asks for'))
}

/** Undefined where it is not configured. */
function speechOf(name: SpeechProvider, config: SpeechConfig, deps: SpeechDeps): SpeechToText | undefined {
  if (name === 'offline') return withCache(pocketSphinx({ effort: config.POCKETSPHINX_EFFORT }), deps.cache)
  const setup = setupOf(config, name)
  return setup && withCache(remoteSpeech(name, { config, deps, setup }), deps.cache)
}

interface Remote {
  config: SpeechConfig
  deps: SpeechDeps
  setup: ProviderSetup
}

function remoteSpeech(name: ProviderName, { config, deps, setup }: Remote): SpeechToText {
  const { calls } = deps
  const model = setup.models.transcribe ?? ''
  switch (name) {
    case 'openai':
      return openAiSpeech({ client: openaiClient(config), calls, model, isOfficial: setup.isOfficial })
    case 'gemini':
      return geminiSpeech({ clientFor: (signal) => geminiClient(config, signal), calls, model })
    case 'revai':
      return revAiSpeech({ calls, model, ...revAiDeps({ config, deps, setup }) })
  }
}

function revAiDeps({ config, deps, setup }: Remote): Omit<RevAiDeps, 'calls' | 'model'> {
  const { baseUrl, key = new Secret('') } = setup
  const webhook = config.PUBLIC_URL.replace(/\/+$/, '') + REVAI_WEBHOOK_PATH
  return {
    client: revAiClient({ token: key, baseUrl }),
    ...(canReach(baseUrl, webhook) ? { notify: { url: webhook, token: revaiWebhookToken(config) } } : {}),
    ...(canReach(baseUrl, deps.storageUrl) ? { share: deps.share } : {}),
    deleteAfterSeconds: config.REVAI_DELETE_AFTER_SECONDS,
    checksBalance: config.REVAI_CHECK_BALANCE,
  }
}
