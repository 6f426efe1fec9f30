import type { AudiobookBrief, OverallStatus, UpdateAudiobook } from '@app/contracts'
import type { Db, Trx } from '@app/db'
import { sql } from 'kysely'

interface BookFilter {
  page: number
  pageSize: number
  status?: OverallStatus | undefined
  /** Part of a title, in any case. */
  search?: string | undefined
}

/** One page of the books, newest first, and how many there are on all pages. */
export async function listAudiobooks(
  db: Db,
  { page, pageSize, status, search }: BookFilter,
): Promise<{ audiobooks: AudiobookBrief[]; total: number }> {
  let matching = db.selectFrom('audiobooks as b')
  if (status) matching = matching.where('b.status', '=', status)
  if (search) matching = matching.where('b.title', 'ilike', `%${search.replace(/[\\%_]/g, '\\$&')}%`)
  const [{ total }, rows] = await Promise.all([
    matching.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow(),
    matching
      .select(briefColumns)
      .orderBy('b.created_at', 'desc')
      .orderBy('b.id')
      .limit(pageSize)
      .offset((page - 1) * pageSize)
      .execute(),
  ])
  return { audiobooks: rows.map(briefOf), total }
}

export interface BookRow extends AudiobookBrief {
  ownerId: string
  description: string | null
  coverKey: string | null
  metadata: Record<string, unknown>
}

export async function audiobookOf(db: Db, audiobookId: string): Promise<BookRow | undefined> {
  const row = await db
    .selectFrom('audiobooks as b')
    .select(briefColumns)
    .select(['b.owner_id', 'b.description', 'b.cover_key', 'b.metadata'])
    .where('b.id', '=', audiobookId)
    .executeTakeFirst()
  if (!row) return undefined
  const { owner_id: ownerId, description, cover_key: coverKey, metadata } = row
  return { ...briefOf(row), ownerId, description, coverKey, metadata }
}

/** False where there is no such book. What is not named stays. */
export async function updateAudiobook(
  trx: Trx,
  audiobookId: string,
  change: UpdateAudiobook,
): Promise<boolean> {
  const { title, author, description, language, is_public } = change
  const named = { title, author, description, language, is_public }
  const { numUpdatedRows } = await trx
    .updateTable('audiobooks')
    .set(Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)))
    .where('id', '=', audiobookId)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

const briefColumns = [
  'b.id',
  'b.title',
  'b.author',
  'b.language',
  'b.is_public',
  'b.status',
  'b.created_at',
  'b.updated_at',
  sql<number>`(select count(*)::int from chapters c where c.audiobook_id = b.id)`.as('chapter_count'),
  sql<string>`(select coalesce(sum(c.end_ms - c.start_ms), 0) from chapters c where c.audiobook_id = b.id)`.as(
    'duration_ms',
  ),
] as const

interface BriefRow extends Omit<AudiobookBrief, 'created_at' | 'updated_at' | 'duration_ms'> {
  created_at: Date
  updated_at: Date
  duration_ms: string
}

function briefOf(row: BriefRow): AudiobookBrief {
  return {
    id: row.id,
    title: row.title,
    author: row.author,
    language: row.language,
    is_public: row.is_public,
    status: row.status,
    chapter_count: row.chapter_count,
    duration_ms: Number(row.duration_ms),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  }
}
