import { inTransaction } from '@app/db'
import { BOOK_KINDS } from '@app/flows'
import { FatalError } from '@app/runtime'
import { recordAct } from '../audit.ts'
import { announceCancelled, cancelSubject, type Servers } from '../cancel.ts'
import { settleSubject } from '../settle-subject.ts'

/**
 * Cancels whatever of a book's jobs has not ended, in one transaction, and tells their workers at once; the book and
 * what is finished of it stay. Returns how many those were. Error: `audiobook-not-found`.
 */
export async function cancelBook({ db, bus }: Servers, audiobookId: string, who: string): Promise<number> {
  const jobIds = await inTransaction(db, async (trx) => {
    // Jobs before the book: the order in which workers lock them.
    const cancelled = await cancelSubject(trx, BOOK_KINDS, audiobookId)
    const book = await trx
      .selectFrom('audiobooks')
      .select('id')
      .where('id', '=', audiobookId)
      .executeTakeFirst()
    if (!book) throw new FatalError('audiobook-not-found', `there is no audiobook ${audiobookId}`)
    await settleSubject(trx, 'audiobook', audiobookId)
    const details = { jobs: cancelled.length }
    if (cancelled.length > 0) {
      await recordAct(trx, { who, action: 'book-cancelled', subject: `audiobook ${audiobookId}`, details })
    }
    return cancelled
  })
  await announceCancelled(bus, jobIds)
  return jobIds.length
}
