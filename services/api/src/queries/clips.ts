import type { ListClips } from '@app/contracts'
import type { Db, Trx } from '@app/db'
import { CLIP } from '@app/flows'
import { sql } from 'kysely'

export type ClipRow = NonNullable<Awaited<ReturnType<typeof clipOf>>>

/** A clip as it is shown; undefined where there is none. */
export async function clipOf(db: Db, clipId: string) {
  return await rowsOf(db).where('id', '=', clipId).executeTakeFirst()
}

type Filter = Omit<ListClips, 'page' | 'page_size'>

/** One page of an owner's clips, newest first, and how many there are on all pages. */
export async function listClips(
  db: Db,
  ownerId: string,
  { filter, page, pageSize }: { filter: Filter; page: number; pageSize: number },
): Promise<{ clips: ClipRow[]; total: number }> {
  const matching = conditionOf(ownerId, filter)
  const { total } = await db
    .selectFrom('clips')
    .select(sql<number>`count(*)::int`.as('total'))
    .where(matching)
    .executeTakeFirstOrThrow()
  const clips = await rowsOf(db)
    .where(matching)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(pageSize)
    .offset((page - 1) * pageSize)
    .execute()
  return { clips, total }
}

const rowsOf = (db: Db) =>
  db
    .selectFrom('clips')
    .select(['id', 'owner_id', 'status', 'attempt', 'url', 'canonical_url', 'platform', 'title', 'author'])
    .select(['error_code', 'error_message', 'metadata', 'media_id', 'created_at', 'updated_at'])

function conditionOf(ownerId: string, filter: Filter) {
  const { status, platform, url, created_from, created_to, metadata_key, metadata_value } = filter
  const conditions = [
    sql`owner_id = ${ownerId}`,
    status && sql`status = ${status}`,
    platform && sql`platform = ${platform}`,
    url && sql`(url = ${url} or canonical_url = ${url})`,
    created_from && sql`created_at >= ${created_from}::timestamptz`,
    created_to && sql`created_at < ${created_to}::timestamptz`,
    metadata_key && sql`jsonb_exists(metadata, ${metadata_key})`,
    metadata_key &&
      metadata_value !== undefined &&
      sql`metadata ->> ${metadata_key}::text = ${metadata_value}`,
  ]
  return sql<boolean>`${sql.join(
    conditions.filter((condition) => typeof condition === 'object'),
    sql` and `,
  )}`
}

/** A clip that was asked for under an idempotency key. */
export interface KeyedClip {
  id: string
  downloadId: string
  url: string
  requestHash: string | null
}

/** An owner's clips of these idempotency keys. */
export async function clipsOfKeys(
  trx: Trx,
  ownerId: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, KeyedClip>> {
  if (keys.length === 0) return new Map()
  const rows = await trx
    .selectFrom('clips as c')
    .innerJoin('processing_jobs as j', 'j.subject_id', 'c.id')
    .select(['c.id', 'c.idempotency_key', 'c.request_hash', 'c.url', 'j.id as download_id'])
    .where('c.owner_id', '=', ownerId)
    .where('c.idempotency_key', 'in', keys)
    .where('j.subject_kind', '=', CLIP)
    .where('j.type', '=', 'download')
    .execute()
  return new Map(
    rows.map((row) => [
      row.idempotency_key ?? '',
      { id: row.id, downloadId: row.download_id, url: row.url, requestHash: row.request_hash },
    ]),
  )
}
