import type { ClipContent, ClipResult } from '@app/contracts'
import type { Db } from '@app/db'
import { clipTranscript } from '../plan/clip-views.ts'
import { contentOf } from '../queries/clip-content.ts'
import type { ClipRow } from '../queries/clips.ts'
import type { SignUrls } from '../sign-urls.ts'

export interface ReadClipDeps {
  db: Db
  signUrls: SignUrls
  /** Where this API is reached from outside, without a slash at the end. */
  publicUrl: string
}

/** Where thumbnails are shown to anybody who knows the id of what they are of. */
export const THUMBNAIL_PATH = '/thumbnails/'

/** A clip as far as it has come. Its row is read before: what its status says is there is there. */
export async function readClip(deps: ReadClipDeps, clip: ClipRow): Promise<ClipResult> {
  const { id: job_id, status, error_message } = clip
  return { job_id, status, result: await readContent(deps, clip.id), error_message }
}

async function readContent({ db, signUrls, publicUrl }: ReadClipDeps, clipId: string): Promise<ClipContent> {
  const { media, keepsVideo, transcript, analysis, vectors } = await contentOf(db, clipId)
  const videoKey = keepsVideo ? media?.videoKey : null
  const urls = await signUrls([media?.objectKey, videoKey].filter((key) => typeof key === 'string'))
  return {
    audio_url: urls.get(media?.objectKey ?? '') ?? null,
    thumbnail_url: media && media.coverKey !== null ? `${publicUrl}${THUMBNAIL_PATH}${media.id}` : null,
    ...(videoKey ? { video_url: urls.get(videoKey) ?? '' } : {}),
    duration: media ? media.durationMs / 1_000 : null,
    size_bytes: media?.sizeBytes ?? null,
    transcript: transcript ? clipTranscript(transcript) : null,
    analysis: analysis ?? null,
    embedding: vectors ? { id: `${clipId}:${vectors.model}`, metadata: vectors } : null,
  }
}
