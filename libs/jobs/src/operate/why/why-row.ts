import type { ProcessingJobs } from '@app/db'
import type { Selectable } from 'kysely'

/** What of a job's row its reasons are made of, and the moment by Postgres' clock. */
export type WhyRow = Pick<
  Selectable<ProcessingJobs>,
  | ('id' | 'type' | 'version' | 'queue' | 'lane' | 'status' | 'owner_id' | 'subject_kind' | 'subject_id')
  | ('run_at' | 'started_at' | 'completed_at' | 'dispatched_at' | 'dispatch_after' | 'entry_id' | 'worker_id')
  | ('hold_reason' | 'waiting_for' | 'alone' | 'attempts' | 'max_attempts' | 'error_code' | 'error_message')
> & { now: Date }
