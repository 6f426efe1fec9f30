import { FatalError } from '@app/runtime'
import type { ProviderFailure } from '../failure.ts'
import type { ProviderName } from '../providers-config.ts'
import { isNetworkError, networkFailure } from './network-failure.ts'
import { NAMES, quoted } from './words.ts'

/** The text ended before the answer did. Whoever asked may ask once more, for less or with more room. */
export const cutOff = (provider: ProviderName): ProviderFailure => ({
  kind: 'fatal',
  code: 'answer-cut-off',
  sentence: `The answer of ${NAMES[provider]} was cut off: it did not fit into the space it was given.`,
})

/** The model, or what guards it, will not answer this. */
export const contentRefused = (provider: ProviderName, why?: unknown): ProviderFailure => ({
  kind: 'fatal',
  code: 'content-refused',
  sentence: `${NAMES[provider]} refuses to work on this content${quoted(why)}`,
})

/** No answer that could be read. */
export const unreadable = (provider: ProviderName, why?: unknown): ProviderFailure => ({
  kind: 'retry',
  code: 'answer-unreadable',
  sentence: `The answer of ${NAMES[provider]} can not be used${quoted(why)}`,
})

/** What no rule of ours knows: tried again, because we can't know that it is for good. */
export function unknownFailure(provider: ProviderName, error: unknown): ProviderFailure {
  if (isNetworkError(error)) return networkFailure(provider, error)
  if (error instanceof FatalError) return { kind: 'fatal', code: error.code, sentence: error.message }
  return unreadable(provider, error instanceof Error ? error.message : error)
}
