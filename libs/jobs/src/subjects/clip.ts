import { randomUUID } from 'node:crypto'
import type { ClipStatus, WebhookEventType } from '@app/contracts'
import type { Database, Trx } from '@app/db'
import { CLIP, clipFailure, clipStatus, nextClipStatus, type PlannedJob, planClip } from '@app/flows'
import { FatalError } from '@app/runtime'
import type { Insertable } from 'kysely'
import { insertJobs } from '../insert-jobs.ts'
import { type ChangedClip, tellWebhooks } from './tell-webhooks.ts'

export type NewClip = Pick<
  Insertable<Database['clips']>,
  'owner_id' | 'url' | 'platform' | 'language' | 'force' | 'keep_video'
> &
  Partial<Insertable<Database['clips']>> & {
    /** The address to fetch, where that is written otherwise than the one that was given. */
    address?: string
  }

/** A clip that was written, and its first job. */
export interface InsertedClip {
  id: string
  downloadId: string
}

/** Writes a clip, the first row of its history, and its jobs. */
export async function insertClip(trx: Trx, values: NewClip): Promise<InsertedClip> {
  const [clip] = await insertClips(trx, [values])
  if (!clip) throw new FatalError('idempotency-key-used', 'this owner has a clip of this idempotency key')
  return clip
}

/**
 * The same for many, in few statements however many they are; in their order. One whose idempotency key its owner has
 * used before is not written: undefined.
 */
export async function insertClips(
  trx: Trx,
  values: readonly NewClip[],
): Promise<(InsertedClip | undefined)[]> {
  if (values.length === 0) return []
  const clips = values.map((clip) => ({ ...clip, id: clip.id ?? randomUUID() }))
  const rows = await trx
    .insertInto('clips')
    .values(clips.map(({ address: _, ...row }) => row))
    .onConflict((conflict) => conflict.columns(['owner_id', 'idempotency_key']).doNothing())
    .returning(['id', 'status', 'attempt'])
    .execute()
  await noteStages(trx, rows)
  const inserted = new Set(rows.map(({ id }) => id))
  const { ids } = await insertJobs(trx, clips.filter(({ id }) => inserted.has(id)).flatMap(jobsOf))
  return clips.map(({ id }) =>
    inserted.has(id) ? { id, downloadId: ids.get(keyOf(id, 'download')) ?? '' } : undefined,
  )
}

/** Many clips' jobs are inserted as one graph, so their keys say whose they are. */
const keyOf = (clipId: string, key: string): string => `${clipId} ${key}`

function jobsOf({
  id,
  owner_id: ownerId,
  url,
  address,
  language,
  ...clip
}: NewClip & { id: string }): PlannedJob[] {
  const { force, keep_video: keepVideo } = clip
  const planned = planClip({
    ...{ clipId: id, ownerId, url: address ?? url },
    ...(language ? { language } : {}),
    ...(force ? { force } : {}),
    ...(keepVideo ? { keepVideo } : {}),
  })
  return planned.map((job) => ({
    ...job,
    key: keyOf(id, job.key),
    dependsOn: job.dependsOn.map((key) => keyOf(id, key)),
  }))
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
  await noteStages(trx, [{ id: clipId, ...next }])
  return await tellWebhooks(trx, { ...clip, ...next, ...failure }, eventOf(next.status))
}

async function noteStages(
  trx: Trx,
  clips: readonly Pick<ChangedClip, 'id' | 'status' | 'attempt'>[],
): Promise<void> {
  if (clips.length === 0) return
  await trx
    .insertInto('clip_stages')
    .values(clips.map(({ id, status, attempt }) => ({ clip_id: id, attempt, stage: status })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

const NO_FAILURE = { error_code: null, error_message: null }

type EndedJob = Parameters<typeof clipFailure>[0] & { status: string }

function failureOf(jobs: readonly EndedJob[]): ReturnType<typeof clipFailure> {
  const failed = jobs.find(({ status }) => status === 'failed')
  if (failed) return clipFailure(failed)
  return { error_code: 'cancelled', error_message: 'The job was cancelled.' }
}

function eventOf(status: ClipStatus): WebhookEventType {
  if (status === 'completed') return 'job.completed'
  return status === 'failed' ? 'job.failed' : 'job.progressed'
}
