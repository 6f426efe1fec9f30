import { deleteUnusedMedia, discardObjects, type Trx } from '@app/db'
import { CLIP_KINDS } from '@app/flows'
import { cancelSubject } from '@app/jobs'
import { notFound } from '../http/known-id.ts'
import { type RemovalDeps, removeSubject } from '../jobs/remove-subject.ts'

/**
 * Removes a clip with its jobs and its text, and the stored objects that nothing else refers to; what other clips show
 * of the same video stays. Its webhooks are told that it was cancelled where it had not ended.
 */
export async function removeClip(deps: RemovalDeps, clipId: string): Promise<void> {
  await removeSubject(deps, (trx) => deleteClip(trx, clipId))
}

/** Jobs before the clip: the order in which workers lock them. */
async function deleteClip(trx: Trx, clipId: string) {
  const jobIds = await cancelSubject(trx, CLIP_KINDS, clipId)
  const clip = await trx
    .selectFrom('clips')
    .select('media_id')
    .where('id', '=', clipId)
    .forUpdate()
    .executeTakeFirst()
  if (!clip) throw notFound('job')
  await trx.deleteFrom('processing_jobs').where('subject_id', '=', clipId).execute()
  await trx.deleteFrom('ai_outputs').where('subject_id', '=', clipId).execute()
  await trx.deleteFrom('clips').where('id', '=', clipId).execute()
  const objectKeys = await deleteUnusedMedia(trx, clip.media_id === null ? [] : [clip.media_id])
  await discardObjects(trx, objectKeys)
  return { jobIds, objectKeys }
}
