import type { Db, Trx } from './connect.ts'

/** A stored, probed file that no row refers to yet. */
export interface NewMedia {
  sha256: string
  objectKey: string
  coverKey?: string | undefined
  /** The whole video, stored beside its sound. */
  videoKey?: string | undefined
  sizeBytes: number
  durationMs: number
  inspection: unknown
}

/** The keys of what is stored of it. */
export function objectsOf({
  objectKey,
  coverKey,
  videoKey,
}: Pick<NewMedia, 'objectKey' | 'coverKey' | 'videoKey'>): string[] {
  return [objectKey, coverKey, videoKey].filter((key) => key !== undefined)
}

export async function isMediaKnown(db: Db, sha256: string): Promise<boolean> {
  const row = await db.selectFrom('media').select('id').where('sha256', '=', sha256).executeTakeFirst()
  return row !== undefined
}

/** The media of this content, kept from being removed until the transaction ends. */
export async function holdMedia(trx: Trx, sha256: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('media')
    .select('id')
    .where('sha256', '=', sha256)
    .forKeyShare()
    .executeTakeFirst()
  return row?.id
}

/** Undefined where another transaction has just recorded the same content. */
export async function insertMedia(trx: Trx, media: NewMedia): Promise<string | undefined> {
  const row = await trx
    .insertInto('media')
    .values({
      sha256: media.sha256,
      object_key: media.objectKey,
      cover_key: media.coverKey ?? null,
      video_key: media.videoKey ?? null,
      size_bytes: media.sizeBytes,
      duration_ms: media.durationMs,
      inspection: JSON.stringify(media.inspection),
    })
    .onConflict((oc) => oc.column('sha256').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id
}

/**
 * Removes those of the media that no upload, chapter or clip refers to any more; returns the keys of their objects. What
 * is remembered of URLs (`media_sources`) keeps nothing: it goes with the media, and whoever asks for such a URL next has
 * it fetched anew. So what its owners have deleted is gone, not kept for strangers.
 */
export async function deleteUnusedMedia(trx: Trx, mediaIds: readonly string[]): Promise<string[]> {
  if (mediaIds.length === 0) return []
  // Locked first, counted after: a file that was just being added to another upload has committed by then.
  await trx.selectFrom('media').select('id').where('id', 'in', mediaIds).orderBy('id').forUpdate().execute()
  const rows = await trx
    .deleteFrom('media as m')
    .where('m.id', 'in', mediaIds)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('upload_files as f').select('f.id').whereRef('f.media_id', '=', 'm.id'))),
    )
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('chapters as c').select('c.id').whereRef('c.media_id', '=', 'm.id'))),
    )
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('clips').select('clips.id').whereRef('clips.media_id', '=', 'm.id'))),
    )
    .returning(['m.object_key', 'm.cover_key', 'm.video_key'])
    .execute()
  return rows.flatMap((row) =>
    objectsOf({
      objectKey: row.object_key,
      coverKey: row.cover_key ?? undefined,
      videoKey: row.video_key ?? undefined,
    }),
  )
}
