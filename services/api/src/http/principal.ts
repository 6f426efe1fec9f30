import type { ApiKeyScope } from '@app/contracts'

/** What an API key allows whoever shows it. */
export interface ApiKeyGrant {
  id: string
  scopes: readonly ApiKeyScope[]
  requestsPerMinute: number | null
  /** What its clips may cost a day. */
  usdPerDay: number | null
}

/** Who asks, as their token says. `key`: by an API key of theirs, which allows less than they may themselves. */
export type Principal =
  | { kind: 'admin'; userId: string; key?: undefined }
  | { kind: 'user'; userId: string; key?: ApiKeyGrant }
  | { kind: 'service'; name: string }
