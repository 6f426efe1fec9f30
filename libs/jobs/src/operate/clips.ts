import { type Db, inTransaction } from '@app/db'
import { CLIP } from '@app/flows'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'
import { recordAct } from '../audit.ts'
import { announceCancelled, cancelSubject, type Servers } from '../cancel.ts'
import { lockFamily } from '../family.ts'
import { redriveInside } from '../redrive.ts'

/**
 * Cancels whatever of a clip's jobs has not ended; what is finished of it stays. The clip shows as failed, and says why.
 * `who` stands in the audit log. Error:
 * `job-wrong-state`, where all have ended.
 */
export async function cancelClip({ db, bus }: Servers, clipId: string, who: string): Promise<void> {
  const jobIds = await inTransaction(db, async (trx) => {
    const cancelled = await cancelSubject(trx, [CLIP], clipId)
    const details = { jobs: cancelled.length }
    if (cancelled.length > 0) {
      await recordAct(trx, { who, action: 'clip-cancelled', subject: `clip ${clipId}`, details })
    }
    return cancelled
  })
  if (jobIds.length === 0)
    throw new FatalError('job-wrong-state', 'a job that has ended can not be cancelled')
  await announceCancelled(bus, jobIds)
}

/**
 * Gives each job of a clip that failed or was cancelled a new life, in one transaction: a new attempt of the clip, which
 * goes on from what is finished. Dead letters are marked as redriven by `who`. Error: `job-wrong-state`, where the clip
 * has not failed.
 */
export async function retryClip(db: Db, clipId: string, who: string): Promise<void> {
  await inTransaction(db, async (trx) => {
    // All of them before the clip: the order in which workers lock them.
    const family = await lockFamily(trx, sql`subject_kind = ${CLIP} and subject_id = ${clipId}`)
    const own = family.filter(({ parent_id }) => parent_id === null)
    const toRetry = own.filter(({ status }) => status === 'failed' || status === 'cancelled')
    const goesOn = own.some(({ status }) => ['queued', 'running', 'waiting'].includes(status))
    if (toRetry.length === 0 || goesOn) {
      throw new FatalError('job-wrong-state', 'only a job that has failed can be retried')
    }
    for (const { id } of toRetry) await redriveInside(trx, id, { who })
    await recordAct(trx, { who, action: 'clip-retried', subject: `clip ${clipId}` })
  })
}
