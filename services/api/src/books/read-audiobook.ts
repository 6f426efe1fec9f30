import type { AudiobookDetail } from '@app/contracts'
import type { Db } from '@app/db'
import { notFound } from '../http/known-id.ts'
import { audiobookOf } from '../queries/audiobooks.ts'
import { chaptersOf, outputsOf } from '../queries/book-text.ts'
import type { SignUrls } from '../sign-urls.ts'

interface ReadAudiobookDeps {
  db: Db
  signUrls: SignUrls
  /** Where this API is reached from outside, without a slash at the end. */
  publicUrl: string
}

/** A book as far as it has come: chapters, text that is ready, and URLs to play it. */
export async function readAudiobook(
  { db, signUrls, publicUrl }: ReadAudiobookDeps,
  audiobookId: string,
): Promise<AudiobookDetail> {
  const book = await audiobookOf(db, audiobookId)
  if (!book) throw notFound('audiobook')
  const [chapters, outputs] = await Promise.all([chaptersOf(db, audiobookId), outputsOf(db, audiobookId)])
  const { ownerId: _, coverKey, ...fields } = book
  const keys = new Set(chapters.map((chapter) => chapter.objectKey))
  const urls = await signUrls([...keys, ...(coverKey === null ? [] : [coverKey])])
  return {
    ...fields,
    cover_url: coverKey === null ? null : (urls.get(coverKey) ?? null),
    chapters: chapters.map(({ id, position, title, startMs, endMs, objectKey, transcript }) => ({
      id,
      position,
      title,
      start_ms: startMs,
      end_ms: endMs,
      duration_ms: endMs - startMs,
      media_url: urls.get(objectKey) ?? '',
      transcript_url: transcript && `${publicUrl}/api/v1/admin/chapters/${id}/transcript`,
      transcript,
    })),
    ...outputs,
  }
}
