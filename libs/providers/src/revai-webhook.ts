import { createHmac } from 'node:crypto'
import { Secret, secret } from '@app/runtime'
import { z } from 'zod'

/** The variables of whoever is told by Rev.ai, and of whoever asks it to tell. */
export const revaiWebhookConfig = {
  /** What Rev.ai must say when it calls; without it, one is derived from SIGNING_SECRET. */
  REVAI_WEBHOOK_SECRET: secret.optional(),
}

/** Where Rev.ai calls, below PUBLIC_URL. */
export const REVAI_WEBHOOK_PATH = '/webhooks/revai'

/** The step of a job that keeps what was submitted for the `number`th time. */
export const submittedStep = (number: number): string => `revai:submitted:${number}`

/** What is kept in that step. */
export const RevaiSubmission = z.object({
  /** Rev.ai's id of the job. */
  remoteId: z.string(),
  submittedAt: z.iso.datetime(),
  durationMs: z.int().nonnegative(),
})
export type RevaiSubmission = z.infer<typeof RevaiSubmission>

/** Which of our jobs a remote one belongs to, as its metadata say it. */
export interface RevaiTag {
  jobId: string
  /** Counts the job's submissions from 1. */
  number: number
}

const TAG = /^scriptorium:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}):(\d{1,3})$/

export const revaiTag = ({ jobId, number }: RevaiTag): string => `scriptorium:${jobId}:${number}`

/** Undefined where the metadata are not ours. */
export function parseRevaiTag(metadata: string | null | undefined): RevaiTag | undefined {
  const [, jobId, number] = TAG.exec(metadata ?? '') ?? []
  return jobId === undefined ? undefined : { jobId, number: Number(number) }
}

interface WebhookSecrets {
  REVAI_WEBHOOK_SECRET?: Secret | undefined
  SIGNING_SECRET: Secret
}

/** The same in all services, without one more secret to configure. */
export function revaiWebhookToken({ REVAI_WEBHOOK_SECRET, SIGNING_SECRET }: WebhookSecrets): Secret {
  if (REVAI_WEBHOOK_SECRET) return REVAI_WEBHOOK_SECRET
  return new Secret(createHmac('sha256', SIGNING_SECRET.reveal()).update('revai-webhook').digest('hex'))
}
