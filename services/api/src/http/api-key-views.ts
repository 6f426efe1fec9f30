import type { ApiKeyScope, ApiKeyView } from '@app/contracts'
import type { ApiKeyRow } from '../queries/api-keys.ts'

/** A key as admins see it; its text and its hash are not among that. */
export function apiKeyView({ scopes, spent_usd_today, ...row }: ApiKeyRow): ApiKeyView {
  return {
    ...row,
    scopes: scopes as ApiKeyScope[],
    spent_usd_today: Math.round(spent_usd_today * 1e6) / 1e6,
    expires_at: row.expires_at?.toISOString() ?? null,
    last_used_at: row.last_used_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
  }
}
