import { z } from 'zod'
import { JobStatus } from '../states.ts'
import { Page, PageQuery } from './paging.ts'

const name = z.string().min(1).max(200)
const reason = z.string().trim().min(1).max(500)

const filter = { queue: name.optional(), fingerprint: name.optional(), code: name.optional() }

export const ListDeadLetters = PageQuery.extend(filter)
export const ListDeadLetterGroups = z.object({
  ...filter,
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})

export const DeadLetterView = z.object({
  id: z.uuid(),
  job_id: z.uuid(),
  job_type: z.string(),
  queue: z.string(),
  error_class: z.string(),
  error_code: z.string(),
  /** The same for whatever went wrong in the same way. */
  fingerprint: z.string(),
  message: z.string(),
  attempts: z.int(),
  crashes: z.int(),
  worker_id: z.string().nullable(),
  first_seen_at: z.iso.datetime(),
  died_at: z.iso.datetime(),
})
export type DeadLetterView = z.infer<typeof DeadLetterView>

export const DeadLetterPage = Page.extend({ dead_letters: z.array(DeadLetterView) })
export type DeadLetterPage = z.infer<typeof DeadLetterPage>

export const DeadLetterFull = DeadLetterView.extend({
  stack: z.string().nullable(),
  /** What the job is doing now. */
  job_status: JobStatus,
  /** Null where nobody has dealt with it yet. */
  resolution: z.enum(['redriven', 'discarded']).nullable(),
  resolved_at: z.iso.datetime().nullable(),
  resolved_by: z.string().nullable(),
  reason: z.string().nullable(),
  redrive_id: z.uuid().nullable(),
})
export type DeadLetterFull = z.infer<typeof DeadLetterFull>

export const DeadLetterGroups = z.object({
  groups: z.array(
    z.object({
      fingerprint: z.string(),
      count: z.int(),
      first_seen_at: z.iso.datetime(),
      last_seen_at: z.iso.datetime(),
      job_types: z.array(z.string()),
      queues: z.array(z.string()),
      error_code: z.string(),
      /** The newest one's. */
      sample_message: z.string(),
    }),
  ),
})
export type DeadLetterGroups = z.infer<typeof DeadLetterGroups>

export const DiscardDeadLetter = z.object({ reason })
export type DiscardDeadLetter = z.infer<typeof DiscardDeadLetter>

const meansSome = (body: {
  all?: true | undefined
  queue?: unknown
  fingerprint?: unknown
  code?: unknown
}) => body.all === true || [body.queue, body.fingerprint, body.code].some((part) => part !== undefined)
const MEANS_NONE = 'say which are meant, or "all": true'

/** All open ones that are in this queue and have this fingerprint and code; `all` where none of these is said. */
export const DiscardDeadLetters = z
  .object({ ...filter, all: z.literal(true).optional(), reason })
  .refine(meansSome, MEANS_NONE)
export type DiscardDeadLetters = z.infer<typeof DiscardDeadLetters>

export const DeadLettersDiscarded = z.object({ discarded: z.int() })
export type DeadLettersDiscarded = z.infer<typeof DeadLettersDiscarded>

/** Gives back at most so many a second, and stops once more than this share of those that ended failed again. */
export const StartRedrive = z
  .object({
    queue: name.optional(),
    fingerprint: name.optional(),
    all: z.literal(true).optional(),
    per_second: z.number().min(0.001).max(1_000).default(10),
    most_failures: z.number().min(0).max(1).default(0.2),
  })
  .refine(meansSome, MEANS_NONE)
export type StartRedrive = z.infer<typeof StartRedrive>

export const RedriveView = z.object({
  id: z.uuid(),
  queue: z.string().nullable(),
  fingerprint: z.string().nullable(),
  per_second: z.number(),
  most_failures: z.number(),
  requested_by: z.string(),
  created_at: z.iso.datetime(),
  /** `done`: nothing is left to give back; what was given back may still be at work. */
  status: z.enum(['running', 'done', 'stopped']),
  stop_reason: z.string().nullable(),
  ended_at: z.iso.datetime().nullable(),
})
export type RedriveView = z.infer<typeof RedriveView>

export const RedriveProgress = RedriveView.extend({
  remaining: z.int(),
  redriven: z.int(),
  /** Of the redriven. */
  completed: z.int(),
  failed_again: z.int(),
  cancelled: z.int(),
  under_way: z.int(),
  /** Could not be given a new life. */
  refused: z.int(),
})
export type RedriveProgress = z.infer<typeof RedriveProgress>

/** The newest first. */
export const Redrives = z.object({ redrives: z.array(RedriveView) })
export type Redrives = z.infer<typeof Redrives>
