import { type BudgetState, budgetState, type Db } from '@app/db'
import { PutOffError } from '@app/runtime'

/** A budget may be raised meanwhile, so waiting jobs look about this often. */
const LOOK_AGAIN_MS = 900_000

/** US dollars a day (UTC); undefined is no limit. */
export interface Budgets {
  ownerUsd?: number | undefined
  allUsd?: number | undefined
}

/** For whom a call is made, and for which job: its clip may have been asked for under an API key with a budget. */
export interface Spender {
  ownerId?: string | undefined
  jobId?: string | undefined
}

/** Puts a call off where the day's money is spent. What is under way may still exceed it by its own cost. */
export async function checkBudget(db: Db, spender: Spender, budgets: Budgets): Promise<void> {
  const { ownerId, jobId } = spender
  if (ownerId === undefined && jobId === undefined && budgets.allUsd === undefined) return
  const over = overBudget(await budgetState(db, spender, budgets), ownerId)
  if (over) throw over
}

/** Whose budget is spent, as the error that says so. Pure but for the spread of the wait. */
export function overBudget(state: BudgetState, ownerId: string | undefined): PutOffError | undefined {
  const budgets = [
    { of: 'this owner’s ', name: ownerId, limit: state.ownerLimitUsd, spent: state.ownerSpentUsd },
    { of: 'this API key’s ', name: `key:${state.keyId}`, limit: state.keyLimitUsd, spent: state.keySpentUsd },
    { of: 'the ', name: 'all', limit: state.allLimitUsd, spent: state.allSpentUsd },
  ]
  for (const { of, name, limit, spent } of budgets) {
    if (limit === null || (spent ?? 0) < limit) continue
    const sentence = `Over budget: ${dollars(spent ?? 0)} of ${of}${dollars(limit)} for today are spent.`
    const retryAfterMs = Math.min(state.dayEndsInMs, LOOK_AGAIN_MS) * (1 + Math.random() / 4) + 1_000
    return new PutOffError('over-budget', sentence, { waitingFor: `budget:${name}`, retryAfterMs })
  }
  return undefined
}

const dollars = (usd: number): string => `$${usd.toFixed(2)}`
