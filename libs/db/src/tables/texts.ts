import type { Doubt, RecordingPart, Transcript, Word } from '@app/contracts'
import type { ColumnType, Generated } from 'kysely'
import type { Bigint, GeneratedTimestamp, Json } from './column-types.ts'

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

/** What was heard, and what was made of that. */
export interface TextTables {
  transcripts: Transcripts
  transcript_segments: TranscriptSegments
  transcript_parts: TranscriptParts
  ai_outputs: AiOutputs
  embeddings: Embeddings
  embedded_chapters: EmbeddedChapters
  translations: Translations
  translation_segments: TranslationSegments
}
