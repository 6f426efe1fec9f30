import type { Trx } from '@app/db'
import { CLIP, DELIVERY } from '@app/flows'
import { sql } from 'kysely'
import { settleAudiobook } from './subjects/audiobook.ts'
import { settleClip } from './subjects/clip.ts'
import { settleDelivery } from './subjects/delivery.ts'

/** What a job is about. */
export interface Subject {
  kind: string
  id: string
}

/**
 * What has a status of its own that follows from its jobs', by kind: brought in line in the transaction that changed one
 * of them. Each locks its row first: of two last siblings that commit together, the second then sees the first. It
 * answers whether it inserted jobs that may run at once.
 */
const SETTLE: Readonly<Record<string, (trx: Trx, id: string) => Promise<boolean | undefined>>> = {
  audiobook: async (trx, id) => void (await settleAudiobook(trx, id)),
  [CLIP]: settleClip,
  [DELIVERY]: async (trx, id) => void (await settleDelivery(trx, id)),
}

/** Kinds whose status says which stage a running job is at. */
export const showsStages = (kind: string): boolean => kind === CLIP

/** Brings several things in line with their jobs, each once; locked in id order, so that two transactions can't deadlock. */
export async function settleSubjects(trx: Trx, subjects: readonly Subject[]): Promise<boolean> {
  const once = [...new Map(subjects.map((subject) => [`${subject.id} ${subject.kind}`, subject])).entries()]
  let queued = false
  for (const [, { kind, id }] of once.sort(([a], [b]) => (a < b ? -1 : 1))) {
    queued = (await settleSubject(trx, kind, id)) || queued
  }
  return queued
}

/** The same for whatever these jobs, and the jobs that wait for them, are about. */
export async function settleSubjectsOf(trx: Trx, jobIds: readonly string[]): Promise<boolean> {
  const { rows } = await sql<Subject>`
    select subject_kind as kind, subject_id as id from processing_jobs where id = any(${jobIds}::uuid[])
    union
    select job.subject_kind, job.subject_id
    from job_dependencies edge join processing_jobs job on job.id = edge.job_id
    where edge.depends_on = any(${jobIds}::uuid[])`.execute(trx)
  return await settleSubjects(trx, rows)
}

/** The same for one thing. Returns whether there are jobs now, besides its own, that may run at once. */
export async function settleSubject(trx: Trx, kind: string, subjectId: string): Promise<boolean> {
  return (await SETTLE[kind]?.(trx, subjectId)) ?? false
}
