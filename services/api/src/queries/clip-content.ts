import { type Analysis, Analysis as AnalysisSchema, type Transcript } from '@app/contracts'
import { aiOutputOf, type Db, transcriptOf } from '@app/db'

export interface ClipMedia {
  id: string
  objectKey: string
  coverKey: string | null
  videoKey: string | null
  sizeBytes: number
  durationMs: number
}

export interface ClipVectors {
  model: string
  provider: string
  dimensions: number
  chunk_count: number
}

/** All that there is of a clip so far. */
export interface StoredContent {
  media: ClipMedia | undefined
  /** Whether the whole video was asked for: another clip may have had it stored. */
  keepsVideo: boolean
  transcript: Transcript | undefined
  analysis: Pick<Analysis, 'summary' | 'topics' | 'sentiment' | 'category'> | undefined
  vectors: ClipVectors | undefined
}

/** A clip's only chapter has its own id. */
export async function contentOf(db: Db, clipId: string): Promise<StoredContent> {
  const [clip, transcript, analysis, vectors] = await Promise.all([
    mediaOf(db, clipId),
    transcriptOf(db, clipId),
    aiOutputOf(db, { subjectKind: 'chapter', subjectId: clipId, kind: 'analysis' }),
    db
      .selectFrom('embedded_chapters')
      .select(['model', 'provider', 'dimensions', 'chunk_count'])
      .where('chapter_id', '=', clipId)
      .orderBy('created_at', 'desc')
      .executeTakeFirst(),
  ])
  return { ...clip, transcript, analysis: analysis && AnalysisContent.parse(analysis.content), vectors }
}

/** Who wrote it stands in columns of their own. */
const AnalysisContent = AnalysisSchema.pick({ summary: true, topics: true, sentiment: true, category: true })

async function mediaOf(db: Db, clipId: string): Promise<Pick<StoredContent, 'media' | 'keepsVideo'>> {
  const row = await db
    .selectFrom('clips as c')
    .innerJoin('media as m', 'm.id', 'c.media_id')
    .select([
      'c.keep_video',
      'm.id',
      'm.object_key',
      'm.cover_key',
      'm.video_key',
      'm.size_bytes',
      'm.duration_ms',
    ])
    .where('c.id', '=', clipId)
    .executeTakeFirst()
  if (!row) return { media: undefined, keepsVideo: false }
  return {
    media: {
      id: row.id,
      objectKey: row.object_key,
      coverKey: row.cover_key,
      videoKey: row.video_key,
      sizeBytes: Number(row.size_bytes),
      durationMs: Number(row.duration_ms),
    },
    keepsVideo: row.keep_video,
  }
}

/** The picture of what some clip shows; no other's, such as the cover of somebody's book. */
export async function thumbnailKeyOf(db: Db, mediaId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('media as m')
    .select('m.cover_key')
    .where('m.id', '=', mediaId)
    .where(({ exists, selectFrom }) =>
      exists(selectFrom('clips as c').select('c.id').whereRef('c.media_id', '=', 'm.id')),
    )
    .executeTakeFirst()
  return row?.cover_key ?? undefined
}
