import { type BudgetState, budgetState, type Db } from '@app/db'
import { PutOffError } from '@app/runtime'

/** A budget may be raised meanwhile, so waiting jobs look about this often. */
const LOOK_AGAIN_MS = 900_000

/** US dollars a day (UTC); undefined is no limit. */
export interface Budgets {
  ownerUsd?: number | undefined
  allUsd?: number | undefined
}

/** Puts a call off where the day's money is spent. What is under way may still exceed it by its own cost. */
export async function checkBudget(db: Db, ownerId: string | undefined, budgets: Budgets): Promise<void> {
  if (ownerId === undefined && budgets.allUsd === undefined) return
  const over = overBudget(await budgetState(db, ownerId, budgets), ownerId)
  if (over) throw over
}

/** Whose budget is spent, as the error that says so. Pure but for the spread of the wait. */
export function overBudget(state: BudgetState, ownerId: string | undefined): PutOffError | undefined {
  const { ownerLimitUsd, ownerSpentUsd, allLimitUsd, allSpentUsd, dayEndsInMs } = state
  const retryAfterMs = Math.min(dayEndsInMs, LOOK_AGAIN_MS) * (1 + Math.random() / 4) + 1_000
  if (ownerLimitUsd !== null && (ownerSpentUsd ?? 0) >= ownerLimitUsd) {
    const sentence = `Over budget: ${dollars(ownerSpentUsd ?? 0)} of this owner’s ${dollars(ownerLimitUsd)} for today are spent.`
    return new PutOffError('over-budget', sentence, { waitingFor: `budget:${ownerId}`, retryAfterMs })
  }
  if (allLimitUsd !== null && (allSpentUsd ?? 0) >= allLimitUsd) {
    const sentence = `Over budget: ${dollars(allSpentUsd ?? 0)} of the ${dollars(allLimitUsd)} for today are spent.`
    return new PutOffError('over-budget', sentence, { waitingFor: 'budget:all', retryAfterMs })
  }
  return undefined
}

const dollars = (usd: number): string => `$${usd.toFixed(2)}`
