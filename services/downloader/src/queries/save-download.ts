import type { ClipSource, StoredRecording } from '@app/contracts'
import { discardObjects, holdMedia, insertMedia, keepObjects, objectsOf, type Trx } from '@app/db'
import { sql } from 'kysely'

interface SavedMedia {
  mediaId: string
  sizeBytes: number
  durationMs: number
}

/** Enters what was stored; where the same bytes are known already, those stay and ours go. */
export async function keepRecording(trx: Trx, recording: StoredRecording): Promise<SavedMedia> {
  const { sizeBytes, durationMs, sha256 } = recording
  const keys = objectsOf(recording)
  const added = (await holdMedia(trx, sha256)) === undefined && (await insertMedia(trx, recording))
  if (added) {
    if (await keepObjects(trx, keys)) return { mediaId: added, sizeBytes, durationMs }
    throw new Error('what was stored has waited too long for its row, and may be gone')
  }
  const known = await holdMedia(trx, sha256)
  if (known === undefined) throw new Error('the same recording was removed at this very moment')
  await discardObjects(trx, keys)
  return { mediaId: known, sizeBytes, durationMs }
}

/** Keeps media that is there from being removed until the transaction ends; throws where it is gone. */
export async function holdKnownMedia(trx: Trx, mediaId: string): Promise<SavedMedia> {
  const row = await trx
    .selectFrom('media')
    .select(['size_bytes', 'duration_ms'])
    .where('id', '=', mediaId)
    .forKeyShare()
    .executeTakeFirst()
  if (!row) throw new Error('the recording that was to be used again was removed meanwhile')
  return { mediaId, sizeBytes: Number(row.size_bytes), durationMs: Number(row.duration_ms) }
}

/** Longer ones fit no index of Postgres (2,704 bytes a row), and are fetched anew each time. */
const MOST_REMEMBERED_BYTES = 2_000

/** What lies behind the URL from now on. */
export async function recordSource(trx: Trx, source: ClipSource, mediaId: string): Promise<void> {
  if (Buffer.byteLength(source.canonicalUrl) > MOST_REMEMBERED_BYTES) return
  const { canonicalUrl: canonical_url, externalId, title, author, info } = source
  const values = {
    media_id: mediaId,
    external_id: externalId ?? null,
    title: title ?? null,
    author: author ?? null,
    info: info === undefined ? null : JSON.stringify(info),
  }
  await trx
    .insertInto('media_sources')
    .values({ canonical_url, ...values })
    .onConflict((oc) => oc.column('canonical_url').doUpdateSet({ ...values, fetched_at: sql<Date>`now()` }))
    .execute()
}

interface FetchedClip {
  clipId: string
  source: ClipSource
  media: SavedMedia
  /** Known better now than from a short link. */
  platform: string | undefined
}

/** Gives the clip its media, what is known of it, and its one chapter, which is what is transcribed. */
export async function fillClip(trx: Trx, { clipId, source, media, platform }: FetchedClip): Promise<void> {
  const { canonicalUrl, externalId, title, author, info } = source
  const { numUpdatedRows } = await trx
    .updateTable('clips')
    .set({
      media_id: media.mediaId,
      canonical_url: canonicalUrl,
      external_id: externalId ?? null,
      title: title ?? null,
      author: author ?? null,
      info: info === undefined ? null : JSON.stringify(info),
      ...(platform === undefined ? {} : { platform }),
    })
    .where('id', '=', clipId)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new Error(`clip ${clipId} was removed meanwhile`)
  const whole = {
    media_id: media.mediaId,
    title: title ?? canonicalUrl,
    start_ms: 0,
    end_ms: media.durationMs,
  }
  await trx
    .insertInto('chapters')
    .values({ id: clipId, clip_id: clipId, position: 1, source: 'file', ...whole })
    .onConflict((oc) => oc.column('id').doUpdateSet(whole))
    .execute()
}
