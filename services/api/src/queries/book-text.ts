import { Summary, Tags } from '@app/contracts'
import type { Db } from '@app/db'
import type { NotNull } from 'kysely'

export interface ChapterRow {
  id: string
  position: number
  title: string
  startMs: number
  endMs: number
  objectKey: string
  transcript: { provider: string; model: string; language: string; word_count: number } | null
}

/** A book's chapters in order, each with where its sound lies and who wrote its transcript, where there is one. */
export async function chaptersOf(db: Db, audiobookId: string): Promise<ChapterRow[]> {
  const rows = await db
    .selectFrom('chapters as c')
    .innerJoin('media as m', 'm.id', 'c.media_id')
    .leftJoin('transcripts as t', 't.chapter_id', 'c.id')
    .select(['c.id', 'c.position', 'c.title', 'c.start_ms', 'c.end_ms', 'm.object_key'])
    .select(['t.provider', 't.model', 't.language', 't.word_count'])
    .where('c.audiobook_id', '=', audiobookId)
    .orderBy('c.position')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    position: row.position,
    title: row.title,
    startMs: Number(row.start_ms),
    endMs: Number(row.end_ms),
    objectKey: row.object_key,
    transcript:
      row.provider === null || row.model === null || row.language === null || row.word_count === null
        ? null
        : { provider: row.provider, model: row.model, language: row.language, word_count: row.word_count },
  }))
}

interface BookOutputs {
  summary: { text: string; provider: string; model: string } | null
  tags: { tags: string[]; provider: string; model: string } | null
}

/** What language models wrote about a book, so far. */
export async function outputsOf(db: Db, audiobookId: string): Promise<BookOutputs> {
  const rows = await db
    .selectFrom('ai_outputs')
    .select(['kind', 'content', 'provider', 'model'])
    .where('subject_kind', '=', 'audiobook')
    .where('subject_id', '=', audiobookId)
    .execute()
  const found = (kind: string) => {
    const row = rows.find((each) => each.kind === kind)
    return row && { ...(row.content as object), provider: row.provider, model: row.model }
  }
  return {
    summary: SummaryView.nullable().parse(found('summary') ?? null),
    tags: TagsView.nullable().parse(found('tags') ?? null),
  }
}

const SummaryView = Summary.omit({ promptVersion: true })
const TagsView = Tags.omit({ promptVersion: true })

export interface ChapterPlace {
  id: string
  title: string
  audiobookId: string
}

export async function chapterOf(db: Db, chapterId: string): Promise<ChapterPlace | undefined> {
  const row = await db
    .selectFrom('chapters')
    .select(['id', 'title', 'audiobook_id'])
    .where('id', '=', chapterId)
    .where('audiobook_id', 'is not', null)
    .$narrowType<{ audiobook_id: NotNull }>()
    .executeTakeFirst()
  return row && { id: row.id, title: row.title, audiobookId: row.audiobook_id }
}
