import type { ClipStatus, OverallStatus } from '@app/contracts'
import type { ColumnType, Generated } from 'kysely'
import type { Bigint, GeneratedTimestamp, RowVersion } from './column-types.ts'

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

/** What is made of recordings. */
export interface BookTables {
  audiobooks: Audiobooks
  chapters: Chapters
  clips: Clips
  clip_stages: ClipStages
}
