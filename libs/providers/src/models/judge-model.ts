import type { ProviderSetup, ProviderUse } from '../providers-config.ts'
import { knownEnd } from './known-dates.ts'

/** What a provider said of a model. */
export type Listed =
  | { is: 'there'; shutdownDate?: string | undefined }
  | { is: 'gone' }
  /** It could not be asked, or does not tell. */
  | { is: 'unknown' }

export interface ModelState {
  provider: string
  model: string
  use: ProviderUse
  status: 'available' | 'ending' | 'gone' | 'unknown'
  shutdownDate: string | undefined
  /** One sentence for operators. */
  warning: string | undefined
}

const DAY_MS = 86_400_000

/** What is to be thought of a configured model. Pure. */
export function judgeModel(
  { provider, isOfficial }: Pick<ProviderSetup, 'provider' | 'isOfficial'>,
  { model, use }: { model: string; use: ProviderUse },
  listed: Listed,
  now: Date,
): ModelState {
  const said = listed.is === 'there' ? listed.shutdownDate : undefined
  // A server of one's own may keep a model of that name for as long as it likes.
  const shutdownDate = said ?? (isOfficial ? knownEnd(provider, model) : undefined)
  const state = { provider, model, use, shutdownDate }
  const variable = variableOf(provider, use)
  if (listed.is === 'gone' || (shutdownDate !== undefined && daysUntil(shutdownDate, now) <= 0)) {
    const when = shutdownDate === undefined ? '' : ` since ${shutdownDate}`
    const warning = `${provider} does not have ${model} any more${when}: choose another for ${variable}.`
    return { ...state, status: 'gone', warning }
  }
  if (shutdownDate !== undefined) {
    const warning = `${provider} ends ${model} on ${shutdownDate}: choose another for ${variable} before.`
    return { ...state, status: 'ending', warning }
  }
  return { ...state, status: listed.is === 'there' ? 'available' : 'unknown', warning: undefined }
}

/** Whole days; none on the day itself. */
export const daysUntil = (date: string, now: Date): number =>
  Math.ceil((Date.parse(date) - now.getTime()) / DAY_MS)

function variableOf(provider: string, use: ProviderUse): string {
  const names = { transcribe: 'TRANSCRIBE', language: 'LANGUAGE', embed: 'EMBEDDING' }
  return `${provider.toUpperCase()}_${names[use]}_MODEL`
}
