import type { ClipSource } from '@app/contracts'
import type { Db } from '@app/db'
import { sql } from 'kysely'

interface Reuse {
  withinMs: number
  /** The whole video must have been kept as well. */
  needsVideo: boolean
}

/** What was fetched of a canonical URL lately, and is still stored. */
export async function recentMedia(
  db: Db,
  canonicalUrl: string,
  { withinMs, needsVideo }: Reuse,
): Promise<{ mediaId: string; source: ClipSource } | undefined> {
  const row = await db
    .selectFrom('media_sources as s')
    .innerJoin('media as m', 'm.id', 's.media_id')
    .select(['s.media_id', 's.external_id', 's.title', 's.author', 's.info'])
    .where('s.canonical_url', '=', canonicalUrl)
    .where('s.fetched_at', '>', sql<Date>`now() - make_interval(secs => ${withinMs / 1000}::float8)`)
    .$if(needsVideo, (query) => query.where('m.video_key', 'is not', null))
    .executeTakeFirst()
  if (!row) return undefined
  const { external_id: externalId, title, author, info } = row
  const source = {
    canonicalUrl,
    ...(externalId === null ? {} : { externalId }),
    ...(title === null ? {} : { title }),
    ...(author === null ? {} : { author }),
    ...(info === null ? {} : { info }),
  }
  return { mediaId: row.media_id, source }
}

export async function isMediaThere(db: Db, mediaId: string): Promise<boolean> {
  const row = await db.selectFrom('media').select('id').where('id', '=', mediaId).executeTakeFirst()
  return row !== undefined
}

/**
 * Lets stored objects that nothing refers to yet stay for so long from now. False where one of them is due, or nearly:
 * it may be gone before anything refers to it.
 */
export async function stayStored(db: Db, objectKeys: readonly string[], forMs: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('storage_deletions')
    .set({ delete_after: sql<Date>`clock_timestamp() + make_interval(secs => ${forMs / 1000}::float8)` })
    .where('object_key', 'in', objectKeys)
    .where('delete_after', '>', sql<Date>`clock_timestamp() + interval '1 minute'`)
    .executeTakeFirst()
  return numUpdatedRows === BigInt(objectKeys.length)
}
