import { deleteUnusedMedia, discardObjects, type Trx } from '@app/db'
import { BOOK_KINDS } from '@app/flows'
import { cancelSubject } from '@app/jobs'
import { notFound } from '../http/known-id.ts'
import { type RemovalDeps, removeSubject } from '../jobs/remove-subject.ts'
import { deleteUpload } from '../uploads/remove-upload.ts'

/**
 * Removes a book with its text, its jobs, the upload it was made from, and the stored objects that only these refer
 * to.
 */
export async function removeAudiobook(deps: RemovalDeps, audiobookId: string): Promise<void> {
  await removeSubject(deps, (trx) => deleteAudiobook(trx, audiobookId))
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
