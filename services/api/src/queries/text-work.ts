import type { TextWork } from '@app/contracts'
import type { Db } from '@app/db'
import { BOOK_TEXT } from '@app/flows'
import { sql } from 'kysely'
import { notFound } from '../http/known-id.ts'

/** What somebody asked a language model for: of a chapter, or of a whole book. */
export interface TextWorkKey {
  audiobookId: string
  chapterId: string | undefined
  type: 'analyze' | 'describe' | 'translate'
}

interface Row extends Omit<TextWork, 'requested_at' | 'error_code' | 'error_message'> {
  language: string | null
  requested_at: Date
  error_code: string | null
  error_message: string | null
}

/** The last that was asked for of each language, or where there are no languages the last; the newest first. */
export async function lastTextWork(
  db: Db,
  { audiobookId, chapterId, type }: TextWorkKey,
): Promise<{ language: string | null; work: TextWork }[]> {
  const { rows } = await sql<Row>`
    select * from (
      select distinct on (input->>'language') id as job_id, status, input->>'language' as language,
        case when status = 'completed' then 1 else progress end as progress, created_at as requested_at,
        error_code, error_message
      from processing_jobs
      where subject_id = ${audiobookId} and subject_kind = ${BOOK_TEXT} and type = ${type}
        and chapter_id is not distinct from ${chapterId ?? null}::uuid
      order by input->>'language', created_at desc
    ) last order by requested_at desc`.execute(db)
  return rows.map((row) => ({ language: row.language, work: workOf(row) }))
}

/** Where one job of these stands. */
export async function textWorkOf(db: Db, jobId: string): Promise<TextWork> {
  const { rows } = await sql<Row>`
    select id as job_id, status, input->>'language' as language, created_at as requested_at, error_code, error_message,
      case when status = 'completed' then 1 else progress end as progress
    from processing_jobs where id = ${jobId}`.execute(db)
  const [row] = rows
  if (!row) throw notFound('audiobook')
  return workOf(row)
}

function workOf({ language: _, requested_at, error_code, error_message, ...work }: Row): TextWork {
  // What a run said that was tried again since is no news any more.
  const hasFailed = work.status === 'failed'
  return {
    ...work,
    requested_at: requested_at.toISOString(),
    ...(hasFailed && error_code !== null ? { error_code } : {}),
    ...(hasFailed && error_message !== null ? { error_message } : {}),
  }
}

export interface TranslationHead {
  language: string
  source_language: string
  provider: string
  model: string
  prompt_version: string | null
  created_at: string
}

/** A chapter's translations, without their text. */
export async function translationsOf(db: Db, chapterId: string): Promise<TranslationHead[]> {
  const rows = await db
    .selectFrom('translations')
    .select(['language', 'source_language', 'provider', 'model', 'prompt_version', 'created_at'])
    .where('chapter_id', '=', chapterId)
    .orderBy('language')
    .execute()
  return rows.map((row) => ({ ...row, created_at: row.created_at.toISOString() }))
}

/** The languages of what is transcribed of a book, or of one chapter of it; empty where nothing is. */
export async function transcribedLanguages(
  db: Db,
  { audiobookId, chapterId }: Pick<TextWorkKey, 'audiobookId' | 'chapterId'>,
): Promise<string[]> {
  let query = db
    .selectFrom('transcripts as t')
    .innerJoin('chapters as c', 'c.id', 't.chapter_id')
    .select('t.language')
    .distinct()
    .where('c.audiobook_id', '=', audiobookId)
  if (chapterId !== undefined) query = query.where('c.id', '=', chapterId)
  return (await query.execute()).map(({ language }) => language)
}
