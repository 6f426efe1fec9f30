import { type Db, deleteUnusedMedia, discardObjects, inTransaction, type Trx } from '@app/db'
import { notFound } from '../http/known-id.ts'
import { Refusal } from '../http/refusal.ts'
import { lockUpload } from '../queries/uploads.ts'

interface RemoveUploadDeps {
  db: Db
  removeNow: (objectKeys: readonly string[]) => Promise<void>
}

/** Removes an upload with the bytes that only it refers to. Refused while a book made from it is being processed. */
export async function removeUpload({ db, removeNow }: RemoveUploadDeps, uploadId: string): Promise<void> {
  const objectKeys = await inTransaction(db, async (trx) => {
    if (!(await lockUpload(trx, uploadId))) throw notFound('upload')
    if (await isProcessing(trx, uploadId)) {
      throw new Refusal('upload-in-use', 'an audiobook made from this upload is still being processed')
    }
    return await deleteUpload(trx, uploadId)
  })
  await removeNow(objectKeys)
}

/** Takes a locked upload out, and marks those of its objects that nothing refers to any more. Returns their keys. */
export async function deleteUpload(trx: Trx, uploadId: string): Promise<string[]> {
  const files = await trx
    .selectFrom('upload_files')
    .select('media_id')
    .where('upload_id', '=', uploadId)
    .execute()
  await trx.deleteFrom('uploads').where('id', '=', uploadId).execute()
  const objectKeys = await deleteUnusedMedia(
    trx,
    files.map((file) => file.media_id),
  )
  await discardObjects(trx, objectKeys)
  return objectKeys
}

async function isProcessing(trx: Trx, uploadId: string): Promise<boolean> {
  const book = await trx
    .selectFrom('audiobooks')
    .select('id')
    .where('upload_id', '=', uploadId)
    .where('status', '=', 'processing')
    .executeTakeFirst()
  return book !== undefined
}
