import { type Db, inTransaction, type Trx, type VectorSpace } from '@app/db'
import { BOOK_TEXT, type ChapterToEmbed, CLIP_TEXT, planEmbeddingAnew } from '@app/flows'
import { insertJobs } from '@app/jobs'
import { type Logger, type Part, repeating } from '@app/runtime'
import { sql } from 'kysely'

const EVERY_MS = 60_000
/** Jobs that wait or run at once: more would only stand there, and would be too many should the model change again. */
const MOST_OPEN = 200

interface EmbedAnewOptions {
  db: Db
  log: Logger
  /** What embeds now. */
  embeddings: VectorSpace
}

/** Has what other models embedded embedded by this one too, in the background: search goes on with theirs meanwhile. */
export function createEmbedAnew({ db, log, embeddings }: EmbedAnewOptions): Part {
  return repeating({
    name: 'embedding anew',
    everyMs: EVERY_MS,
    log,
    async work() {
      const { model, dimensions } = embeddings
      const count = await embedAnew(db, { model, dimensions })
      if (count > 0) log.info({ count, model, dimensions }, 'chapters without this model’s vectors get them')
    },
  })
}

/**
 * Inserts jobs in the low lane for chapters that have a transcript and none of this model's vectors. One process does it
 * at a time. A chapter whose embedding is still under way, or has failed, is left alone: that one is to be redriven.
 * Returns how many were inserted.
 */
export async function embedAnew(db: Db, space: VectorSpace, most = MOST_OPEN): Promise<number> {
  return await inTransaction(db, async (trx) => {
    const { rows: turn } = await sql<{ isMine: boolean }>`
      select pg_try_advisory_xact_lock(${LOCK}) as "isMine"`.execute(trx)
    if (!turn[0]?.isMine) return 0
    const wanted = await withoutVectors(trx, space, most - (await openJobs(trx, most)))
    if (wanted.length > 0) await insertJobs(trx, wanted.map(planEmbeddingAnew))
    return wanted.length
  })
}

/** "embedany" in ASCII: any number does that nobody else uses. */
const LOCK = sql.lit('7308605957907508857')

async function openJobs(trx: Trx, most: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (
      select from processing_jobs
      where queue = 'embed' and lane = 'low' and status in ('queued', 'running') limit ${most}
    ) few`.execute(trx)
  return rows[0]?.count ?? 0
}

async function withoutVectors(
  trx: Trx,
  { model, dimensions }: VectorSpace,
  most: number,
): Promise<ChapterToEmbed[]> {
  if (most <= 0) return []
  const { rows } = await sql<ChapterToEmbed>`
    select c.id as "chapterId", coalesce(b.owner_id, clip.owner_id) as "ownerId",
      coalesce(b.id, clip.id) as "subjectId", case when b.id is null then ${CLIP_TEXT} else ${BOOK_TEXT} end as "subjectKind"
    from transcripts t
      join chapters c on c.id = t.chapter_id
      left join audiobooks b on b.id = c.audiobook_id
      left join clips clip on clip.id = c.clip_id
    where not exists (
        select from embedded_chapters e
        where e.chapter_id = c.id and e.model = ${model} and e.dimensions = ${dimensions}
      )
      and not exists (
        select from processing_jobs j
        where j.subject_id = coalesce(b.id, clip.id) and j.chapter_id = c.id and j.type = 'embed' and j.status <> 'completed'
      )
    limit ${most}`.execute(trx)
  return rows
}
