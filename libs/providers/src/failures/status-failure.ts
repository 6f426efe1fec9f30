import { parseWait } from '@app/bus'
import type { ProviderFailure } from '../failure.ts'
import type { ProviderName } from '../providers-config.ts'
import { NAMES, quoted } from './words.ts'

/** An answer that is no success, whoever gave it. */
export interface Refusal {
  provider: ProviderName
  status: number
  /** The provider's own words. */
  message?: unknown
  headers?: { get(name: string): string | null } | undefined
}

/** Where the wait is not said. */
export const BUSY_MS = 20_000
const KEY_VARIABLES = { openai: 'OPENAI_API_KEY', gemini: 'GEMINI_API_KEY', revai: 'REVAI_ACCESS_TOKEN' }
const URL_VARIABLES = { openai: 'OPENAI_BASE_URL', gemini: 'GEMINI_BASE_URL', revai: 'REVAI_BASE_URL' }

export const keyRefused = ({ provider }: Pick<Refusal, 'provider'>): ProviderFailure => ({
  kind: 'stop',
  code: 'provider-key-refused',
  sentence: `${NAMES[provider]} refuses our key: check ${KEY_VARIABLES[provider]}.`,
})

export const creditGone = ({ provider }: Pick<Refusal, 'provider'>): ProviderFailure => ({
  kind: 'stop',
  code: 'provider-credit-exhausted',
  sentence: `The account at ${NAMES[provider]} has no credit left: somebody must see to its plan and billing.`,
})

export const accessRefused = ({ provider, message }: Refusal): ProviderFailure => ({
  kind: 'stop',
  code: 'provider-access-refused',
  sentence: `${NAMES[provider]} refuses access to this account${quoted(message)}`,
})

export const modelGone = ({ provider, message }: Refusal): ProviderFailure => ({
  kind: 'stop',
  code: 'provider-model-gone',
  stops: 'model',
  sentence: `${NAMES[provider]} does not have the configured model (any more)${quoted(message)}`,
})

/** `waitMs` holds where no header says how long. */
export const rateLimited = (
  { provider, headers }: Pick<Refusal, 'provider' | 'headers'>,
  waitMs = BUSY_MS,
): ProviderFailure => ({
  kind: 'retry-later',
  code: 'rate-limited',
  sentence: `${NAMES[provider]} takes no more requests for the moment; the job comes back by itself.`,
  retryAfterMs: (headers && parseWait(headers)) ?? waitMs,
})

const overloaded = ({ provider, headers }: Refusal): ProviderFailure => ({
  kind: 'retry-later',
  code: 'provider-overloaded',
  sentence: `${NAMES[provider]} is overloaded; the job comes back by itself.`,
  retryAfterMs: (headers && parseWait(headers)) ?? BUSY_MS,
  isOutage: true,
})

const broken = ({ provider, status }: Refusal): ProviderFailure => ({
  kind: 'retry',
  code: 'provider-failed',
  sentence: `${NAMES[provider]} failed to answer (${status}).`,
  isOutage: true,
})

/** The same input would be refused again. */
export const refused = ({ provider, message }: Refusal, code = 'request-refused'): ProviderFailure => ({
  kind: 'fatal',
  code,
  sentence: `${NAMES[provider]} refused what it was sent${quoted(message)}`,
})

const notThere = ({ provider, message }: Refusal): ProviderFailure => ({
  kind: 'stop',
  code: 'provider-misconfigured',
  stops: 'model',
  sentence: `There is nothing at the address where ${NAMES[provider]} was asked: check ${URL_VARIABLES[provider]}${quoted(message)}`,
})

/** What a status alone says. What it says of limits stays with it. */
export function statusFailure(refusal: Refusal): ProviderFailure {
  const { status, headers } = refusal
  return { ...byStatus(refusal), status, ...(headers ? { headers } : {}) }
}

function byStatus(refusal: Refusal): ProviderFailure {
  const { status } = refusal
  if (status < 400) return notThere(refusal)
  if (status === 429) return rateLimited(refusal)
  if (status === 503) return overloaded(refusal)
  if (status >= 500 || status === 408 || status === 409 || status === 425) return broken(refusal)
  if (status === 401) return keyRefused(refusal)
  if (status === 402) return creditGone(refusal)
  if (status === 403) return accessRefused(refusal)
  if (status === 404 || status === 405) return notThere(refusal)
  if (status === 413) return refused(refusal, 'input-too-large')
  return refused(refusal)
}
