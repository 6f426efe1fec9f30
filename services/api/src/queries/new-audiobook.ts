import type { Trx } from '@app/db'
import type { Inspection } from '@app/media'
import type { BookPlan, UploadedFile } from '../books/plan-book.ts'

/** Rows a statement: Postgres takes 65,535 parameters. */
const BATCH = 1_000

/** An upload's files with what was found in them, in the order in which they came. */
export async function uploadedFilesOf(trx: Trx, uploadId: string): Promise<UploadedFile[]> {
  const rows = await trx
    .selectFrom('upload_files as f')
    .innerJoin('media as m', 'm.id', 'f.media_id')
    .select(['f.file_name', 'f.title', 'f.position', 'f.media_id', 'm.cover_key', 'm.inspection'])
    .where('f.upload_id', '=', uploadId)
    .orderBy('f.uploaded_at')
    .orderBy('f.id')
    .execute()
  return rows.map((row) => ({
    fileName: row.file_name,
    title: row.title,
    position: row.position,
    mediaId: row.media_id,
    coverKey: row.cover_key,
    // Written by this service, from the same type.
    ...(row.inspection as Inspection),
  }))
}

export async function bookOfUpload(trx: Trx, uploadId: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('audiobooks')
    .select('id')
    .where('upload_id', '=', uploadId)
    .executeTakeFirst()
  return row?.id
}

interface NewAudiobook extends BookPlan {
  ownerId: string
  uploadId: string
  isPublic: boolean
}

/** Enters a book with its chapters, numbered from 1; returns its id. */
export async function insertAudiobook(
  trx: Trx,
  book: NewAudiobook,
  chapters: readonly (BookPlan['chapters'][number] & { id: string })[],
): Promise<string> {
  const { id } = await trx
    .insertInto('audiobooks')
    .values({
      upload_id: book.uploadId,
      owner_id: book.ownerId,
      title: book.title,
      author: book.author,
      description: book.description,
      language: book.language,
      is_public: book.isPublic,
      cover_key: book.coverKey,
      metadata: JSON.stringify(book.metadata),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const rows = chapters.map((chapter, index) => ({
    id: chapter.id,
    audiobook_id: id,
    position: index + 1,
    title: chapter.title,
    media_id: chapter.mediaId,
    start_ms: chapter.startMs,
    end_ms: chapter.endMs,
    source: chapter.source,
  }))
  for (let first = 0; first < rows.length; first += BATCH) {
    await trx
      .insertInto('chapters')
      .values(rows.slice(first, first + BATCH))
      .execute()
  }
  return id
}
