import type { ProviderCall, ProviderCalls } from '@app/providers'
import type { Secret } from '@app/runtime'
import type { Sound, TranscribeOptions } from '../port.ts'
import type { RevAiClient } from './revai-client.ts'

export interface RevAiDeps {
  client: RevAiClient
  calls: ProviderCalls
  model: string
  /** Where Rev.ai tells that it is done, and what it must say there; absent where it can't reach us. */
  notify?: { url: string; token: Secret } | undefined
  /** Makes the sound readable at an address for hours; absent where Rev.ai can't reach our storage. */
  share?: ((sound: Sound, signal: AbortSignal) => Promise<string>) | undefined
  /** Rev.ai removes sound and text so long after it is done; without it, when the account says so. */
  deleteAfterSeconds?: number | undefined
  /** Whether credit is asked for before sound is sent: accounts that are invoiced have none. */
  checksBalance?: boolean | undefined
}

export const PROVIDER = 'revai'
export const CALL_MS = 30_000
const LEAST_BILLED_S = 15

/** A call for this job. */
export function callFor(
  { model }: Pick<RevAiDeps, 'model'>,
  { job, signal }: TranscribeOptions,
  { operation, timeoutMs = CALL_MS }: { operation: string; timeoutMs?: number },
): ProviderCall {
  const { id, ownerId, limits } = job
  return { provider: PROVIDER, model, operation, jobId: id, ownerId, limits, signal, timeoutMs }
}

/** Whole seconds, 15 at least. */
export const billedSeconds = (durationMs: number): number =>
  Math.max(LEAST_BILLED_S, Math.ceil(durationMs / 1000))

/** Rev.ai takes ISO 639-1, and `cmn` for Mandarin. It detects none: what nobody named is taken for English. */
export function revAiLanguage(language = 'en'): string {
  const primary = language.toLowerCase().split(/[-_]/)[0] ?? ''
  return { zh: 'cmn', und: 'en', eng: 'en', english: 'en' }[primary] ?? primary
}
