import { type Db, spentByKey } from '@app/db'
import type { ApiKeyGrant } from '../http/principal.ts'
import { Refusal } from '../http/refusal.ts'

/**
 * Refuses new jobs of an API key whose budget for today is spent. Those that were accepted before wait by themselves:
 * their calls to providers are put off until tomorrow, or until the budget is raised. Refusal: `over_budget`.
 */
export async function refuseOverBudget(db: Db, key: ApiKeyGrant | undefined): Promise<void> {
  if (key === undefined || key.usdPerDay === null) return
  const { spentUsd, dayEndsInMs } = await spentByKey(db, key.id)
  if (spentUsd < key.usdPerDay) return
  const spent = `$${spentUsd.toFixed(2)} of this API key’s $${key.usdPerDay.toFixed(2)} for today are spent`
  throw new Refusal('over_budget', `${spent}; a new day begins at midnight UTC.`, {
    retryAfterS: Math.ceil(dayEndsInMs / 1_000),
  })
}
