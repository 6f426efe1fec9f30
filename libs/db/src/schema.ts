import type {
  ClipStatus,
  Doubt,
  JobStatus,
  Lane,
  OverallStatus,
  RecordingPart,
  Transcript,
  Word,
} from '@app/contracts'
import type { ColumnType, Generated, JSONColumnType } from 'kysely'

/** Postgres sends bigint as text, so that none is rounded; lengths and sizes here stay far below 2^53. */
type Bigint = ColumnType<string, number, number>
type Timestamp = ColumnType<Date, Date | string, Date | string>
type GeneratedTimestamp = ColumnType<Date, Date | string | undefined, Date | string>
/** Set by the stamp_row trigger. */
type RowVersion = ColumnType<string, never, never>
type Json<T> = ColumnType<T, string, string>

interface StorageDeletions {
  object_key: string
  delete_after: GeneratedTimestamp
}

interface Uploads {
  id: Generated<string>
  owner_id: string
  upload_type: 'single' | 'chapters'
  total_files: number
  total_size_bytes: Bigint
  status: Generated<'pending' | 'receiving' | 'completed'>
  created_at: GeneratedTimestamp
  updated_at: GeneratedTimestamp
  row_version: RowVersion
}

interface Media {
  id: Generated<string>
  sha256: string
  object_key: string
  cover_key: string | null
  video_key: string | null
  size_bytes: Bigint
  duration_ms: Bigint
  inspection: Json<unknown>
  created_at: GeneratedTimestamp
}

interface UploadFiles {
  id: Generated<string>
  upload_id: string
  media_id: string
  file_name: string
  position: number | null
  title: string | null
  size_bytes: Bigint
  warnings: Json<string[]>
  uploaded_at: GeneratedTimestamp
}

interface Audiobooks {
  id: Generated<string>
  upload_id: string | null
  owner_id: string
  title: string
  author: string
  description: string | null
  language: string | null
  is_public: Generated<boolean>
  cover_key: string | null
  metadata: ColumnType<Record<string, unknown>, string | undefined, string>
  status: Generated<OverallStatus>
  created_at: GeneratedTimestamp
  updated_at: GeneratedTimestamp
  row_version: RowVersion
}

interface Chapters {
  id: Generated<string>
  /** Null for a clip's only chapter. */
  audiobook_id: string | null
  clip_id: string | null
  position: number
  title: string
  media_id: string
  start_ms: Bigint
  end_ms: Bigint
  source: 'file' | 'embedded'
}

interface Transcripts {
  id: Generated<string>
  chapter_id: string
  language: string
  provider: string
  model: string
  duration_ms: Bigint
  word_count: number
  language_confidence: number | null
  seconds_billed: number | null
  instead_of: string | null
  cost_usd: number | null
  created_at: GeneratedTimestamp
}

interface TranscriptSegments {
  transcript_id: string
  segment_index: number
  start_ms: Bigint
  end_ms: Bigint
  text: string
  speaker: string | null
  words: Json<Word[]>
  confidence: number | null
  times_estimated: Generated<boolean>
  doubtful: Doubt | null
  search: ColumnType<string, never, never>
}

interface TranscriptParts {
  transcribe_id: string
  part_index: number
  chapter_id: string
  part: Json<RecordingPart>
  transcript: Json<Transcript>
}

interface AiOutputs {
  id: Generated<string>
  subject_kind: string
  subject_id: string
  kind: string
  content: Json<unknown>
  provider: string
  model: string
  prompt_version: string | null
  created_at: GeneratedTimestamp
}

interface Embeddings {
  chapter_id: string
  model: string
  chunk_index: number
  provider: string
  dimensions: number
  start_ms: Bigint
  end_ms: Bigint
  text: string
  embedding: ColumnType<string, string, string>
}

interface EmbeddedChapters {
  chapter_id: string
  model: string
  provider: string
  dimensions: number
  chunk_count: number
  created_at: GeneratedTimestamp
}

interface Translations {
  id: Generated<string>
  chapter_id: string
  language: string
  source_language: string
  provider: string
  model: string
  prompt_version: string | null
  created_at: GeneratedTimestamp
}

interface TranslationSegments {
  translation_id: string
  segment_index: number
  start_ms: Bigint
  end_ms: Bigint
  text: string
  speaker: string | null
}

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

interface JobCountChanges {
  queue: string
  lane: Lane
  status: JobStatus
  change: Bigint
}

interface JobSteps {
  job_id: string
  key: string
  value: Json<unknown>
  fence: number
  created_at: GeneratedTimestamp
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

interface ProviderCallsTable {
  id: Generated<string>
  at: GeneratedTimestamp
  provider: string
  model: string
  operation: string
  job_id: string | null
  owner_id: string | null
  api_key_id: string | null
  outcome: Generated<'under-way' | 'answered' | 'failed' | 'cancelled'>
  error_code: string | null
  input_tokens: ColumnType<string | null, number | null, number | null>
  cached_input_tokens: ColumnType<string | null, number | null, number | null>
  output_tokens: ColumnType<string | null, number | null, number | null>
  seconds: number | null
  cost_usd: number | null
  ended_at: Timestamp | null
}

interface ProviderStops {
  provider: string
  fingerprint: string
  model: Generated<string>
  code: string
  sentence: string
  is_outage: boolean
  stopped_at: GeneratedTimestamp
  probe_at: Timestamp
  probes: Generated<number>
}

interface ProviderModels {
  provider: string
  model: string
  use: string
  fingerprint: string
  status: 'available' | 'ending' | 'gone' | 'unknown'
  shutdown_date: ColumnType<Date | null, string | null, string | null>
  warning: string | null
  checked_at: GeneratedTimestamp
}

interface OwnerBudgets {
  owner_id: string
  usd_per_day: number
}

interface CallbackSecrets {
  owner_id: string
  secret: string
  previous_secret: string | null
  previous_secret_until: Timestamp | null
  created_at: GeneratedTimestamp
}

interface Webhooks {
  id: Generated<string>
  owner_id: string
  url: string
  origin: Generated<'registered' | 'callback'>
  description: string | null
  events: string[]
  secret: string | null
  previous_secret: string | null
  previous_secret_until: Timestamp | null
  throttled_until: Timestamp | null
  disabled_at: Timestamp | null
  disabled_reason: string | null
  failing_since: Timestamp | null
  created_at: GeneratedTimestamp
  updated_at: GeneratedTimestamp
  row_version: RowVersion
}

interface WebhookDeliveries {
  id: Generated<string>
  webhook_id: string
  clip_id: string | null
  event_type: string
  body: string
  status: Generated<'pending' | 'delivered' | 'failed'>
  attempts: Generated<number>
  response_status: number | null
  error_message: string | null
  next_attempt_at: Timestamp | null
  delivered_at: Timestamp | null
  created_at: GeneratedTimestamp
}

interface ApiKeys {
  id: Generated<string>
  owner_id: string
  name: string
  prefix: string
  key_hash: string
  scopes: string[]
  requests_per_minute: number | null
  usd_per_day: number | null
  expires_at: Timestamp | null
  last_used_at: Timestamp | null
  revoked_at: Timestamp | null
  created_by: string
  created_at: GeneratedTimestamp
}

interface Clips {
  id: Generated<string>
  owner_id: string
  api_key_id: string | null
  url: string
  canonical_url: string | null
  platform: string
  external_id: string | null
  status: Generated<ClipStatus>
  attempt: Generated<number>
  error_code: string | null
  error_message: string | null
  language: string | null
  metadata: ColumnType<Record<string, unknown>, string | undefined, string>
  webhook_id: string | null
  idempotency_key: string | null
  request_hash: string | null
  force: Generated<boolean>
  keep_video: Generated<boolean>
  title: string | null
  author: string | null
  info: ColumnType<Record<string, unknown> | null, string | null, string | null>
  media_id: string | null
  created_at: GeneratedTimestamp
  updated_at: GeneratedTimestamp
  row_version: RowVersion
}

interface ClipStages {
  clip_id: string
  attempt: number
  stage: ClipStatus
  at: GeneratedTimestamp
}

interface MediaSources {
  canonical_url: string
  media_id: string
  external_id: string | null
  title: string | null
  author: string | null
  info: ColumnType<Record<string, unknown> | null, string | null, string | null>
  fetched_at: GeneratedTimestamp
}

/** Every table, as Kysely sees it. Migrations are the truth; this says the same in types. */
export interface Database {
  storage_deletions: StorageDeletions
  uploads: Uploads
  media: Media
  upload_files: UploadFiles
  audiobooks: Audiobooks
  chapters: Chapters
  transcripts: Transcripts
  transcript_segments: TranscriptSegments
  transcript_parts: TranscriptParts
  ai_outputs: AiOutputs
  embeddings: Embeddings
  embedded_chapters: EmbeddedChapters
  translations: Translations
  translation_segments: TranslationSegments
  processing_jobs: ProcessingJobs
  job_dependencies: JobDependencies
  dead_letters: DeadLetters
  job_count_changes: JobCountChanges
  job_steps: JobSteps
  queue_controls: QueueControls
  redrives: Redrives
  audit_log: AuditLog
  workers: Workers
  provider_calls: ProviderCallsTable
  provider_stops: ProviderStops
  provider_models: ProviderModels
  owner_budgets: OwnerBudgets
  callback_secrets: CallbackSecrets
  webhooks: Webhooks
  webhook_deliveries: WebhookDeliveries
  api_keys: ApiKeys
  clips: Clips
  clip_stages: ClipStages
  media_sources: MediaSources
}
