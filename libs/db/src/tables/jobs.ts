import type { JobStatus, Lane } from '@app/contracts'
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { Bigint, GeneratedTimestamp, Json, RowVersion, Timestamp } from './column-types.ts'

export interface ProcessingJobs {
  id: Generated<string>
  subject_kind: string
  subject_id: string
  chapter_id: string | null
  owner_id: string
  type: string
  version: number
  queue: string
  lane: Generated<Lane>
  status: JobStatus
  input: JSONColumnType<Record<string, unknown>>
  submitted_result: ColumnType<unknown, string | null, string | null>
  output: ColumnType<unknown, string | null, string | null>
  progress: Generated<number>
  stage: string | null
  attempts: Generated<number>
  max_attempts: number
  crashes: Generated<number>
  hand_backs: Generated<number>
  deliveries: Generated<number>
  snoozes: Generated<number>
  fence: Generated<number>
  entry_id: string | null
  worker_id: string | null
  waiting_on: Generated<number>
  parent_id: string | null
  children_open: Generated<number>
  unique_key: string | null
  hold_reason: string | null
  waiting_for: string | null
  alone: Generated<boolean>
  crashes_alone: Generated<number>
  first_failed_at: Timestamp | null
  traceparent: string | null
  run_at: GeneratedTimestamp
  dispatch_after: Timestamp | null
  dispatched_at: Timestamp | null
  error_code: string | null
  error_message: string | null
  created_at: GeneratedTimestamp
  started_at: Timestamp | null
  completed_at: Timestamp | null
  updated_at: GeneratedTimestamp
  row_version: RowVersion
}

interface JobDependencies {
  job_id: string
  depends_on: string
}

interface JobSteps {
  job_id: string
  key: string
  value: Json<unknown>
  fence: number
  created_at: GeneratedTimestamp
}

interface JobCountChanges {
  queue: string
  lane: Lane
  status: JobStatus
  change: Bigint
}

interface Workers {
  id: string
  service: string
  queues: Json<string[]>
  concurrency: number
  stale_after_ms: number
  job_types: ColumnType<string[], string | undefined, string>
  started_at: GeneratedTimestamp
  beat_at: GeneratedTimestamp
}

interface DeadLetters {
  id: Generated<string>
  job_id: string
  job_type: string
  queue: string
  error_class: string
  error_code: string
  fingerprint: string
  message: string
  stack: string | null
  attempts: number
  crashes: number
  worker_id: string | null
  first_seen_at: GeneratedTimestamp
  redrive_id: string | null
  redrive_outcome: 'completed' | 'failed' | 'cancelled' | null
  died_at: GeneratedTimestamp
  resolution: 'redriven' | 'discarded' | null
  resolved_at: Timestamp | null
  resolved_by: string | null
  reason: string | null
}

interface QueueControls {
  queue: string
  paused_at: GeneratedTimestamp
  paused_by: string
  reason: string | null
  draining: Generated<boolean>
}

interface Redrives {
  id: Generated<string>
  queue: string | null
  fingerprint: string | null
  per_second: number
  most_failures: number
  requested_by: string
  status: Generated<'running' | 'done' | 'stopped'>
  stop_reason: string | null
  last_step_at: Timestamp | null
  created_at: GeneratedTimestamp
  ended_at: Timestamp | null
}

interface AuditLog {
  id: Generated<string>
  at: GeneratedTimestamp
  who: string
  action: string
  subject: string
  details: ColumnType<Record<string, unknown>, string | undefined, string>
}

/** The work, who does it, and how operators steer it. */
export interface JobTables {
  processing_jobs: ProcessingJobs
  job_dependencies: JobDependencies
  job_steps: JobSteps
  job_count_changes: JobCountChanges
  workers: Workers
  dead_letters: DeadLetters
  queue_controls: QueueControls
  redrives: Redrives
  audit_log: AuditLog
}
