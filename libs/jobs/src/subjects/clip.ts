import type { ClipStatus, WebhookEventType } from '@app/contracts'
import type { Database, Trx } from '@app/db'
import { CLIP, clipStatus, nextClipStatus, planClip } from '@app/flows'
import type { Insertable } from 'kysely'
import { insertJobs } from '../insert-jobs.ts'
import { type ChangedClip, tellWebhooks } from './tell-webhooks.ts'

export type NewClip = Pick<
  Insertable<Database['clips']>,
  'owner_id' | 'url' | 'platform' | 'language' | 'force' | 'keep_video'
> &
  Partial<Insertable<Database['clips']>>

/** Writes a clip, the first row of its history, and its jobs. Returns its id and that of its first job. */
export async function insertClip(trx: Trx, values: NewClip): Promise<{ id: string; downloadId: string }> {
  const clip = await trx
    .insertInto('clips')
    .values(values)
    .returning(['id', 'status', 'attempt'])
    .executeTakeFirstOrThrow()
  await noteStage(trx, clip.id, clip)
  const { owner_id: ownerId, url, language, force, keep_video: keepVideo } = values
  const { ids } = await insertJobs(
    trx,
    planClip({
      ...{ clipId: clip.id, ownerId, url },
      ...(language ? { language } : {}),
      ...(force ? { force } : {}),
      ...(keepVideo ? { keepVideo } : {}),
    }),
  )
  return { id: clip.id, downloadId: ids.get('download') ?? '' }
}

/**
 * Brings a clip's status in line with its jobs', notes the stage it reached, and writes down whom that is told, with the
 * jobs that tell them. Returns whether there are such jobs.
 */
export async function settleClip(trx: Trx, clipId: string): Promise<boolean> {
  const clip = await trx
    .selectFrom('clips')
    .selectAll()
    .where('id', '=', clipId)
    .forUpdate()
    .executeTakeFirst()
  if (!clip) return false
  const jobs = await trx
    .selectFrom('processing_jobs')
    .select(['type', 'status', 'stage', 'error_code', 'error_message'])
    .where('subject_id', '=', clipId)
    .where('subject_kind', '=', CLIP)
    .where('parent_id', 'is', null)
    .execute()
  const next = nextClipStatus(clip, clipStatus(jobs))
  if (next.status === clip.status && next.attempt === clip.attempt) return false
  const failure = next.status === 'failed' ? failureOf(jobs) : NO_FAILURE
  await trx
    .updateTable('clips')
    .set({ ...next, ...failure })
    .where('id', '=', clipId)
    .execute()
  await noteStage(trx, clipId, next)
  return await tellWebhooks(trx, { ...clip, ...next, ...failure }, eventOf(next.status))
}

async function noteStage(
  trx: Trx,
  clipId: string,
  { status, attempt }: Pick<ChangedClip, 'status' | 'attempt'>,
): Promise<void> {
  await trx
    .insertInto('clip_stages')
    .values({ clip_id: clipId, attempt, stage: status })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

const NO_FAILURE = { error_code: null, error_message: null }

interface EndedJob {
  status: string
  error_code: string | null
  error_message: string | null
}

function failureOf(jobs: readonly EndedJob[]): Omit<EndedJob, 'status'> {
  const failed = jobs.find(({ status }) => status === 'failed')
  if (failed) return { error_code: failed.error_code, error_message: failed.error_message }
  return { error_code: 'cancelled', error_message: 'The job was cancelled.' }
}

function eventOf(status: ClipStatus): WebhookEventType {
  if (status === 'completed') return 'job.completed'
  return status === 'failed' ? 'job.failed' : 'job.progressed'
}
