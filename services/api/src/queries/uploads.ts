import type { CreateUpload, UploadDetail } from '@app/contracts'
import type { Db, Trx } from '@app/db'
import { sql } from 'kysely'
import type { UploadCounts } from '../plan/upload-progress.ts'

export async function insertUpload(db: Db, ownerId: string, upload: CreateUpload): Promise<string> {
  const { id } = await db
    .insertInto('uploads')
    .values({ ...upload, owner_id: ownerId })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export interface UploadRow extends UploadCounts {
  uploadType: 'single' | 'chapters'
  createdAt: Date
}

/** An upload with what has arrived of it. Undefined where there is none. */
export async function uploadOf(db: Db | Trx, uploadId: string): Promise<UploadRow | undefined> {
  const row = await db
    .selectFrom('uploads as u')
    .leftJoin('upload_files as f', 'f.upload_id', 'u.id')
    .select(['u.id', 'u.upload_type', 'u.status', 'u.total_files', 'u.total_size_bytes', 'u.created_at'])
    .select([
      sql<number>`count(f.id)::int`.as('received_files'),
      sql<string>`coalesce(sum(f.size_bytes), 0)`.as('received_bytes'),
    ])
    .where('u.id', '=', uploadId)
    .groupBy('u.id')
    .executeTakeFirst()
  if (!row) return undefined
  return {
    uploadId: row.id,
    uploadType: row.upload_type,
    status: row.status,
    totalFiles: row.total_files,
    totalSizeBytes: Number(row.total_size_bytes),
    receivedFiles: row.received_files,
    receivedBytes: Number(row.received_bytes),
    createdAt: row.created_at,
  }
}

/** Keeps all else that adds to, uses or removes this upload waiting until the transaction ends. */
export async function lockUpload(trx: Trx, uploadId: string): Promise<UploadRow | undefined> {
  const locked = await trx
    .selectFrom('uploads')
    .select('id')
    .where('id', '=', uploadId)
    .forUpdate()
    .executeTakeFirst()
  // Counted by a second statement: the first one's snapshot is older than the lock it waited for.
  return locked && (await uploadOf(trx, uploadId))
}

/** The files of an upload in the order in which they were received. */
export async function filesOf(db: Db, uploadId: string): Promise<UploadDetail['files']> {
  const rows = await db
    .selectFrom('upload_files as f')
    .innerJoin('media as m', 'm.id', 'f.media_id')
    .select(['f.id', 'f.file_name', 'f.size_bytes', 'f.position', 'f.title', 'f.warnings', 'f.uploaded_at'])
    .select(['m.duration_ms', 'm.sha256'])
    .where('f.upload_id', '=', uploadId)
    .orderBy('f.uploaded_at')
    .orderBy('f.id')
    .execute()
  return rows.map((row) => ({
    file_id: row.id,
    file_name: row.file_name,
    file_size_bytes: Number(row.size_bytes),
    position: row.position,
    title: row.title,
    duration_ms: Number(row.duration_ms),
    sha256: row.sha256,
    warnings: row.warnings,
    uploaded_at: row.uploaded_at.toISOString(),
  }))
}
