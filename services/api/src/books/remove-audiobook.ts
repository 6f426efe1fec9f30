import { type Db, deleteUnusedMedia, discardObjects, inTransaction, type Trx } from '@app/db'
import { BOOK_KINDS } from '@app/flows'
import { cancelSubject } from '@app/jobs'
import { notFound } from '../http/known-id.ts'
import { deleteUpload } from '../uploads/remove-upload.ts'

interface RemoveAudiobookDeps {
  db: Db
  removeNow: (objectKeys: readonly string[]) => Promise<void>
  /** A hint to workers that their job is gone. Never throws. */
  announceCancelled: (jobIds: readonly string[]) => Promise<void>
}

/**
 * Removes a book with its text, its jobs, the upload it was made from, and the stored objects that only these refer
 * to. Workers that are at it find their job gone, and can write nothing more.
 */
export async function removeAudiobook(
  { db, removeNow, announceCancelled }: RemoveAudiobookDeps,
  audiobookId: string,
): Promise<void> {
  const removed = await inTransaction(db, (trx) => deleteAudiobook(trx, audiobookId))
  await announceCancelled(removed.jobIds)
  await removeNow(removed.objectKeys)
}

/** Jobs before the book: the order in which workers lock them. */
async function deleteAudiobook(trx: Trx, audiobookId: string) {
  const jobIds = await cancelSubject(trx, BOOK_KINDS, audiobookId)
  const book = await trx
    .selectFrom('audiobooks')
    .select('upload_id')
    .where('id', '=', audiobookId)
    .forUpdate()
    .executeTakeFirst()
  if (!book) throw notFound('audiobook')
  const chapters = await trx
    .selectFrom('chapters')
    .select('media_id')
    .where('audiobook_id', '=', audiobookId)
    .distinct()
    .execute()
  await trx.deleteFrom('processing_jobs').where('subject_id', '=', audiobookId).execute()
  await trx
    .deleteFrom('ai_outputs')
    .where((where) =>
      where.or([
        where('subject_id', '=', audiobookId),
        where(
          'subject_id',
          'in',
          where.selectFrom('chapters').select('id').where('audiobook_id', '=', audiobookId),
        ),
      ]),
    )
    .execute()
  await trx.deleteFrom('audiobooks').where('id', '=', audiobookId).execute()
  const ofUpload = book.upload_id === null ? [] : await deleteUpload(trx, book.upload_id)
  const ofChapters = await deleteUnusedMedia(
    trx,
    chapters.map((chapter) => chapter.media_id),
  )
  await discardObjects(trx, ofChapters)
  return { jobIds, objectKeys: [...ofUpload, ...ofChapters] }
}
