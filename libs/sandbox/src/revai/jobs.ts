import type { Heard } from '../hearing/heard.ts'
import type { SubmitOptions } from './submit-options.ts'

/** Why a job of Rev.ai's may fail. */
export type RevaiFailure =
  | 'internal_processing'
  | 'download_failure'
  | 'duration_exceeded'
  | 'duration_too_short'
  | 'invalid_media'
  | 'empty_media'
  | 'transcription'
  | 'insufficient_balance'
  | 'invoicing_limit_exceeded'
  | 'custom_vocabulary'

export interface RevaiJob {
  id: string
  status: 'in_progress' | 'transcribed' | 'failed'
  createdOn: Date
  completedOn?: Date
  name?: string | undefined
  options: SubmitOptions
  durationSeconds?: number
  failure?: RevaiFailure
  heard?: Heard
}

/** Jobs as they were submitted; the newest is told first. */
export function jobStore() {
  const jobs = new Map<string, RevaiJob>()
  return {
    add: (job: RevaiJob) => void jobs.set(job.id, job),
    get: (id: string) => jobs.get(id),
    remove: (id: string) => jobs.delete(id),
    all: () => [...jobs.values()],
    page(limit: number, startingAfter: string | undefined): RevaiJob[] {
      const newestFirst = [...jobs.values()].reverse()
      const from = startingAfter ? newestFirst.findIndex(({ id }) => id === startingAfter) + 1 : 0
      return newestFirst.slice(from, from + limit)
    },
  }
}

export type JobStore = ReturnType<typeof jobStore>

/** A job as Rev.ai shows it. Addresses with their headers it never shows. */
export function shownJob(job: RevaiJob): Record<string, unknown> {
  const { options, completedOn, durationSeconds, failure, name } = job
  const optional = {
    name,
    completed_on: completedOn?.toISOString(),
    duration_seconds: durationSeconds,
    failure,
    failure_detail: failure && `The job failed: ${failure.replaceAll('_', ' ')}.`,
    metadata: options.metadata,
    callback_url: options.callback_url,
    media_url: options.media_url,
    delete_after_seconds: options.delete_after_seconds,
    skip_diarization: options.skip_diarization,
    skip_punctuation: options.skip_punctuation,
    remove_disfluencies: options.remove_disfluencies,
    filter_profanity: options.filter_profanity,
    speaker_channels_count: options.speaker_channels_count,
  }
  const told = Object.entries(optional).filter(([, value]) => value !== undefined && value !== null)
  return {
    ...{ id: job.id, created_on: job.createdOn.toISOString(), status: job.status, type: 'async' },
    language: options.language ?? 'en',
    ...Object.fromEntries(told),
  }
}
