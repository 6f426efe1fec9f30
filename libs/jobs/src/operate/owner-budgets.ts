import { callPutOff, type Db, inTransaction, setOwnerBudget } from '@app/db'
import { recordAct } from '../audit.ts'

/** Sets what an owner's calls to providers may cost a day, and lets the jobs come that wait for it. */
export async function changeOwnerBudget(
  db: Db,
  ownerId: string,
  { usdPerDay, who }: { usdPerDay: number | undefined; who: string },
): Promise<void> {
  await inTransaction(db, async (trx) => {
    await setOwnerBudget(trx, ownerId, usdPerDay)
    await callPutOff(trx, `budget:${ownerId}`)
    const details = { usdPerDay: usdPerDay ?? null }
    await recordAct(trx, { who, action: 'owner-budget-set', subject: `owner ${ownerId}`, details })
  })
}
