import type { TranslatedSegment, Translation } from '@app/contracts'
import type { Db, Trx } from './connect.ts'

/** Rows a statement: a long chapter's have more parameters together than Postgres takes (65,535). */
const BATCH = 5_000

/** Replaces the chapter's whole translation into this language. Returns its id. */
export async function replaceTranslation(
  trx: Trx,
  chapterId: string,
  { language, sourceLanguage, provider, model, promptVersion, segments }: Translation,
): Promise<string> {
  const place = { chapter_id: chapterId, language }
  await trx
    .deleteFrom('translations')
    .where('chapter_id', '=', chapterId)
    .where('language', '=', language)
    .execute()
  const { id } = await trx
    .insertInto('translations')
    .values({
      ...{ ...place, source_language: sourceLanguage },
      ...{ provider, model, prompt_version: promptVersion ?? null },
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  for (let first = 0; first < segments.length; first += BATCH) {
    const rows = segments.slice(first, first + BATCH).map((segment, offset) => ({
      translation_id: id,
      segment_index: first + offset,
      start_ms: segment.startMs,
      end_ms: segment.endMs,
      text: segment.text,
      speaker: segment.speaker ?? null,
    }))
    await trx.insertInto('translation_segments').values(rows).execute()
  }
  return id
}

/** A chapter's translation into a language; undefined while there is none. */
export async function translationOf(
  db: Db,
  chapterId: string,
  language: string,
): Promise<Translation | undefined> {
  const head = await db
    .selectFrom('translations')
    .select(['id', 'language', 'source_language', 'provider', 'model', 'prompt_version'])
    .where('chapter_id', '=', chapterId)
    .where('language', '=', language)
    .executeTakeFirst()
  if (!head) return undefined
  const rows = await db
    .selectFrom('translation_segments')
    .select(['start_ms', 'end_ms', 'text', 'speaker'])
    .where('translation_id', '=', head.id)
    .orderBy('segment_index')
    .execute()
  return {
    ...{ provider: head.provider, model: head.model },
    ...(head.prompt_version === null ? {} : { promptVersion: head.prompt_version }),
    ...{ language: head.language, sourceLanguage: head.source_language },
    segments: rows.map(
      (row): TranslatedSegment => ({
        startMs: Number(row.start_ms),
        endMs: Number(row.end_ms),
        text: row.text,
        ...(row.speaker === null ? {} : { speaker: row.speaker }),
      }),
    ),
  }
}
