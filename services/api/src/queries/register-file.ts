import { holdMedia, insertMedia, keepObjects, type NewMedia, objectsOf, type Trx } from '@app/db'
import { notFound } from '../http/known-id.ts'
import { Refusal } from '../http/refusal.ts'
import { lockUpload, type UploadRow } from './uploads.ts'

export interface FileToRegister {
  uploadId: string
  fileName: string
  position: number | null
  title: string | null
  sizeBytes: number
  sha256: string
  warnings: readonly string[]
  /** Absent where the content was known, and so was not stored again. */
  media: NewMedia | undefined
}

export type Registration =
  | { kind: 'registered'; fileId: string; uploadedAt: Date; isMediaNew: boolean }
  /** The content was known before, and was removed in the meantime: it must be stored after all. */
  | { kind: 'media-gone' }

/**
 * Enters a file that is stored into its upload, as the one transaction that makes it exist. Files of one upload
 * come one after the other here, so none of two sent at once can exceed what was announced.
 */
export async function registerFile(trx: Trx, file: FileToRegister): Promise<Registration> {
  const upload = await lockUpload(trx, file.uploadId)
  refuseUnlessRoom(upload, file.sizeBytes)
  if (file.position !== null) await refuseTakenPosition(trx, file.uploadId, file.position)

  const media = await mediaFor(trx, file)
  if (!media) return { kind: 'media-gone' }
  const row = await trx
    .insertInto('upload_files')
    .values({
      upload_id: file.uploadId,
      media_id: media.id,
      file_name: file.fileName,
      position: file.position,
      title: file.title,
      size_bytes: file.sizeBytes,
      warnings: JSON.stringify(file.warnings),
    })
    .returning(['id', 'uploaded_at'])
    .executeTakeFirstOrThrow()
  await trx
    .updateTable('uploads')
    .set({ status: upload.receivedFiles + 1 === upload.totalFiles ? 'completed' : 'receiving' })
    .where('id', '=', file.uploadId)
    .execute()
  return { kind: 'registered', fileId: row.id, uploadedAt: row.uploaded_at, isMediaNew: media.isNew }
}

/** Also asked before a body is read, so that nobody sends gigabytes in vain. */
export function refuseUnlessRoom(upload: UploadRow | undefined, bytes: number): asserts upload {
  if (!upload) throw notFound('upload')
  if (upload.status === 'completed') {
    throw new Refusal('upload-completed', 'all files of this upload have arrived')
  }
  if (upload.receivedBytes + bytes > upload.totalSizeBytes) throw tooLargeFor(upload)
}

export function tooLargeFor({ totalSizeBytes, receivedBytes }: UploadRow): Refusal {
  const roomBytes = totalSizeBytes - receivedBytes
  return new Refusal(
    'upload-too-large',
    `the upload was announced with ${totalSizeBytes} bytes, of which ${roomBytes} are left`,
  )
}

async function refuseTakenPosition(trx: Trx, uploadId: string, position: number): Promise<void> {
  const taken = await trx
    .selectFrom('upload_files')
    .select('id')
    .where('upload_id', '=', uploadId)
    .where('position', '=', position)
    .executeTakeFirst()
  if (taken) throw new Refusal('position-taken', `the upload has a file at position ${position}`)
}

async function mediaFor(
  trx: Trx,
  { sha256, media }: FileToRegister,
): Promise<{ id: string; isNew: boolean } | undefined> {
  const known = await holdMedia(trx, sha256)
  if (known) return { id: known, isNew: false }
  if (!media) return undefined
  const id = await insertMedia(trx, media)
  if (!id) {
    const other = await holdMedia(trx, sha256)
    return other === undefined ? undefined : { id: other, isNew: false }
  }
  if (!(await keepObjects(trx, objectsOf(media)))) {
    throw new Refusal('upload-expired', 'storing this file took too long; send it again')
  }
  return { id, isNew: true }
}
