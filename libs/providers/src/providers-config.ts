import { createHash } from 'node:crypto'
import { type Secret, secret } from '@app/runtime'
import { z } from 'zod'

/** The remote providers this version knows. */
export const PROVIDERS = ['revai', 'openai', 'gemini'] as const

export type ProviderName = (typeof PROVIDERS)[number]

/** What a provider is used for. */
export type ProviderUse = 'transcribe' | 'language' | 'embed'

const perMinute = (requests: number) => z.coerce.number().int().min(1).max(1_000_000).default(requests)

/**
 * The variables of all remote providers, to be spread into the `loadConfig` of every service that calls one. The
 * default models have no date of shutdown within the coming year (20 November 2026).
 */
export const providersConfig = {
  OPENAI_API_KEY: secret.optional(),
  /** Of another server that speaks this API; it may need no key. */
  OPENAI_BASE_URL: z.url().optional(),
  OPENAI_TRANSCRIBE_MODEL: z.string().default('gpt-transcribe'),
  OPENAI_LANGUAGE_MODEL: z.string().default('gpt-6-luna'),
  OPENAI_EMBEDDING_MODEL: z.string().default('text-embedding-3-small'),
  /** Tier 1's for gpt-transcribe. What the answers' headers say makes it less at once, never more. */
  OPENAI_REQUESTS_PER_MINUTE: perMinute(500),
  GEMINI_API_KEY: secret.optional(),
  GEMINI_BASE_URL: z.url().optional(),
  GEMINI_TRANSCRIBE_MODEL: z.string().default('gemini-3.5-flash-lite'),
  GEMINI_LANGUAGE_MODEL: z.string().default('gemini-3.5-flash-lite'),
  GEMINI_EMBEDDING_MODEL: z.string().default('gemini-embedding-2'),
  GEMINI_REQUESTS_PER_MINUTE: perMinute(300),
  REVAI_ACCESS_TOKEN: secret.optional(),
  /** The EU deployment is https://ec1.api.rev.ai; a token belongs to one of the two. */
  REVAI_BASE_URL: z.url().optional(),
  /** Rev.ai takes 10,000 submissions in ten minutes. */
  REVAI_REQUESTS_PER_MINUTE: perMinute(1_000),
  /** US dollars that all calls of a day (UTC), and those for one owner, may cost as estimated. Default: no limit. */
  BUDGET_USD_PER_DAY: z.coerce.number().min(0).optional(),
  BUDGET_USD_PER_OWNER_PER_DAY: z.coerce.number().min(0).optional(),
  /** Whether answers are kept in Redis, the offline recogniser's too, so that nothing is paid for or worked out twice. */
  PROVIDER_CACHE: z.enum(['on', 'off']).default('on'),
  PROVIDER_CACHE_HOURS: z.coerce.number().positive().max(8_760).default(72),
  /** Of all answers together, packed. */
  PROVIDER_CACHE_MAX_MB: z.coerce.number().positive().max(100_000).default(64),
}

/** The parsed variables: `providersConfig` as `loadConfig` returns it. */
export interface ProvidersConfig {
  OPENAI_API_KEY?: Secret | undefined
  OPENAI_BASE_URL?: string | undefined
  OPENAI_TRANSCRIBE_MODEL: string
  OPENAI_LANGUAGE_MODEL: string
  OPENAI_EMBEDDING_MODEL: string
  OPENAI_REQUESTS_PER_MINUTE: number
  GEMINI_API_KEY?: Secret | undefined
  GEMINI_BASE_URL?: string | undefined
  GEMINI_TRANSCRIBE_MODEL: string
  GEMINI_LANGUAGE_MODEL: string
  GEMINI_EMBEDDING_MODEL: string
  GEMINI_REQUESTS_PER_MINUTE: number
  REVAI_ACCESS_TOKEN?: Secret | undefined
  REVAI_BASE_URL?: string | undefined
  REVAI_REQUESTS_PER_MINUTE: number
  BUDGET_USD_PER_DAY?: number | undefined
  BUDGET_USD_PER_OWNER_PER_DAY?: number | undefined
  PROVIDER_CACHE: 'on' | 'off'
  PROVIDER_CACHE_HOURS: number
  PROVIDER_CACHE_MAX_MB: number
}

/** Where the providers themselves are. */
export const OPENAI_URL = 'https://api.openai.com/v1'
export const GEMINI_URL = 'https://generativelanguage.googleapis.com'
export const REVAI_URL = 'https://api.rev.ai'

/** How one provider is reached. */
export interface ProviderSetup {
  provider: ProviderName
  /** Absent where a compatible server needs none. */
  key: Secret | undefined
  /** Without a slash at the end. */
  baseUrl: string
  /** Whether it is the provider itself and not a compatible server: what we know of its models is true there only. */
  isOfficial: boolean
  /** Which model each use of it has. Rev.ai calls its own `machine`. */
  models: Partial<Record<ProviderUse, string>>
  requestsPerMinute: number
}

/** How this provider is reached; undefined where it is not configured. */
export function setupOf(config: ProvidersConfig, provider: ProviderName): ProviderSetup | undefined {
  const { key, url, official, ...rest } = settingsOf(config, provider)
  // A server of one's own may need no key; the provider's own does.
  if (!key && !(provider === 'openai' && url)) return undefined
  const baseUrl = (url ?? official).replace(/\/+$/, '')
  return { provider, key, baseUrl, isOfficial: baseUrl === official, ...rest }
}

/** All that are configured, in the order in which `auto` takes them. */
export const configuredProviders = (config: ProvidersConfig): ProviderSetup[] =>
  PROVIDERS.map((provider) => setupOf(config, provider)).filter((setup) => setup !== undefined)

/** Names a key at an address without telling either: what was refused once is asked anew when one of them changes. */
export const fingerprintOf = ({ key, baseUrl }: Pick<ProviderSetup, 'key' | 'baseUrl'>): string =>
  createHash('sha256')
    .update(`${baseUrl}\n${key?.reveal() ?? ''}`)
    .digest('hex')
    .slice(0, 16)

function settingsOf(config: ProvidersConfig, provider: ProviderName) {
  switch (provider) {
    case 'openai':
      return {
        ...{ key: config.OPENAI_API_KEY, url: config.OPENAI_BASE_URL, official: OPENAI_URL },
        models: {
          transcribe: config.OPENAI_TRANSCRIBE_MODEL,
          language: config.OPENAI_LANGUAGE_MODEL,
          embed: config.OPENAI_EMBEDDING_MODEL,
        },
        requestsPerMinute: config.OPENAI_REQUESTS_PER_MINUTE,
      }
    case 'gemini':
      return {
        ...{ key: config.GEMINI_API_KEY, url: config.GEMINI_BASE_URL, official: GEMINI_URL },
        models: {
          transcribe: config.GEMINI_TRANSCRIBE_MODEL,
          language: config.GEMINI_LANGUAGE_MODEL,
          embed: config.GEMINI_EMBEDDING_MODEL,
        },
        requestsPerMinute: config.GEMINI_REQUESTS_PER_MINUTE,
      }
    case 'revai':
      return {
        ...{ key: config.REVAI_ACCESS_TOKEN, url: config.REVAI_BASE_URL, official: REVAI_URL },
        models: { transcribe: 'machine' },
        requestsPerMinute: config.REVAI_REQUESTS_PER_MINUTE,
      }
  }
}
