import { TranscribeJob, type UpdateAudiobook } from '@app/contracts'
import { type Db, inTransaction } from '@app/db'
import { amendInputs } from '@app/jobs'
import { updateAudiobook } from '../queries/audiobooks.ts'

/**
 * Changes what is named of a book; false where there is none. Its jobs were told the language when they were made: a
 * chapter that failed for the wrong one could otherwise never be tried again with the right one.
 */
export async function changeAudiobook(db: Db, id: string, change: UpdateAudiobook): Promise<boolean> {
  const { language } = change
  return await inTransaction(db, async (trx) => {
    // Jobs before the book: the order in which workers lock them.
    if (language !== undefined) {
      const heard = { subjectKind: 'audiobook', subjectId: id, queue: TranscribeJob.queue }
      await amendInputs(trx, heard, { language })
    }
    return await updateAudiobook(trx, id, change)
  })
}
