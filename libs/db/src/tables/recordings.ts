import type { ColumnType, Generated } from 'kysely'
import type { Bigint, GeneratedTimestamp, Json, RowVersion } from './column-types.ts'

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

interface MediaSources {
  canonical_url: string
  media_id: string
  external_id: string | null
  title: string | null
  author: string | null
  info: ColumnType<Record<string, unknown> | null, string | null, string | null>
  fetched_at: GeneratedTimestamp
}

/** What was received and is stored. */
export interface RecordingTables {
  storage_deletions: StorageDeletions
  uploads: Uploads
  upload_files: UploadFiles
  media: Media
  media_sources: MediaSources
}
