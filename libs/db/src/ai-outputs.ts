import type { Origin } from '@app/contracts'
import { sql } from 'kysely'
import type { Db, Trx } from './connect.ts'

interface AiOutput {
  subjectKind: string
  subjectId: string
  /** What it is: `summary`, `tags`, … One of each kind a subject. */
  kind: string
  content: unknown
  origin: Origin
}

/** Replaces the subject's output of this kind. Returns its id. */
export async function replaceAiOutput(trx: Trx, output: AiOutput): Promise<string> {
  const { subjectKind, subjectId, kind, content, origin } = output
  const values = {
    content: JSON.stringify(content),
    provider: origin.provider,
    model: origin.model,
    prompt_version: origin.promptVersion ?? null,
  }
  const { id } = await trx
    .insertInto('ai_outputs')
    .values({ subject_kind: subjectKind, subject_id: subjectId, kind, ...values })
    .onConflict((conflict) =>
      conflict
        .columns(['subject_kind', 'subject_id', 'kind'])
        .doUpdateSet({ ...values, created_at: sql<Date>`now()` }),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** The subject's output of this kind, with who wrote it and when; undefined while there is none. */
export async function aiOutputOf(
  db: Db,
  { subjectKind, subjectId, kind }: Pick<AiOutput, 'subjectKind' | 'subjectId' | 'kind'>,
): Promise<
  | { content: unknown; provider: string; model: string; promptVersion: string | null; createdAt: Date }
  | undefined
> {
  const row = await db
    .selectFrom('ai_outputs')
    .select(['content', 'provider', 'model', 'prompt_version', 'created_at'])
    .where('subject_kind', '=', subjectKind)
    .where('subject_id', '=', subjectId)
    .where('kind', '=', kind)
    .executeTakeFirst()
  if (!row) return undefined
  const { content, provider, model, prompt_version, created_at } = row
  return { content, provider, model, promptVersion: prompt_version, createdAt: created_at }
}
