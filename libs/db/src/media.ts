import { FatalError } from '@app/runtime'
import type { Db } from './connect.ts'

export interface StoredMedia {
  id: string
  /** Of its content. */
  sha256: string
  objectKey: string
  sizeBytes: number
  durationMs: number
  /** What libs/media found when the file was taken in. */
  inspection: unknown
}

/** What a chapter lies in. Error: `media-not-found`, for a job whose book or clip was deleted meanwhile. */
export async function mediaOfChapter(db: Db, chapterId: string): Promise<string> {
  const row = await db
    .selectFrom('chapters')
    .select('media_id')
    .where('id', '=', chapterId)
    .executeTakeFirst()
  if (!row) throw new FatalError('media-not-found', `there is no chapter ${chapterId}`)
  return row.media_id
}

/** One stored file. Error: `media-not-found`, for a job whose book was deleted meanwhile. */
export async function mediaById(db: Db, mediaId: string): Promise<StoredMedia> {
  const row = await db
    .selectFrom('media')
    .select(['id', 'sha256', 'object_key', 'size_bytes', 'duration_ms', 'inspection'])
    .where('id', '=', mediaId)
    .executeTakeFirst()
  if (!row) throw new FatalError('media-not-found', `there is no media ${mediaId}`)
  return {
    id: row.id,
    sha256: row.sha256,
    objectKey: row.object_key,
    sizeBytes: Number(row.size_bytes),
    durationMs: Number(row.duration_ms),
    inspection: row.inspection,
  }
}
