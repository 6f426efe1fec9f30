import type { Db, VectorSpace } from '@app/db'
import { type RawBuilder, sql } from 'kysely'

/** Models, or earlier lengths of this one, that have vectors of some chapter of which this has none; the oldest last. */
export async function laggingModels(
  db: Db,
  { model, dimensions }: VectorSpace,
): Promise<{ provider: string; model: string; dimensions: number }[]> {
  // Models are few and chapters many: one step of the index for each model.
  const { rows } = await sql<{ provider: string; model: string; dimensions: number }>`
    with recursive known as (
      (select model from embedded_chapters order by model limit 1)
      union all
      select (select e.model from embedded_chapters e where e.model > known.model order by e.model limit 1)
      from known where known.model is not null
    )
    select example.provider, example.model, example.dimensions
    from known cross join lateral (
      select provider, model, dimensions, created_at from embedded_chapters e
      where e.model = known.model and (e.model <> ${model} or e.dimensions <> ${dimensions}) and not exists (
        select from embedded_chapters newer
        where newer.chapter_id = e.chapter_id and newer.model = ${model} and newer.dimensions = ${dimensions}
      )
      limit 1
    ) example
    order by example.created_at desc`.execute(db)
  return rows
}

/** The model of a vector query among those that are asked: the current one first, then earlier ones. */
export interface Asked {
  models: readonly VectorSpace[]
  place: number
}

/**
 * For a query over chapters `c` and books `b`: whether this chapter is searched by this model. A book is searched by the
 * current one as soon as that has all of its chapters that any of the others has; until then each chapter by the first
 * earlier one that has it, and by the current one where it alone does.
 */
export function isSearchedBy({ models, place }: Asked): RawBuilder<boolean> {
  const [current, ...earlier] = models
  if (!current || earlier.length === 0) return sql<boolean>`true`
  const has = (some: readonly VectorSpace[]) =>
    sql`exists (select from embedded_chapters h where h.chapter_id = c.id and ${isOneOf('h', some)})`
  const lags = sql`b.id in (
    select oc.audiobook_id from embedded_chapters old join chapters oc on oc.id = old.chapter_id
    where oc.audiobook_id is not null and ${isOneOf('old', earlier)} and not exists (
      select from embedded_chapters newer where newer.chapter_id = old.chapter_id and ${isOneOf('newer', [current])}
    )
  )`
  return place === 0
    ? sql<boolean>`(not (${lags}) or not ${has(earlier)})`
    : sql<boolean>`(${lags} and not ${has(earlier.slice(0, place - 1))})`
}

const isOneOf = (table: string, spaces: readonly VectorSpace[]) => {
  const models = spaces.map(({ model }) => model)
  const lengths = spaces.map(({ dimensions }) => dimensions)
  return sql`(${sql.ref(`${table}.model`)}, ${sql.ref(`${table}.dimensions`)}) in (
    select * from unnest(${models}::text[], ${lengths}::int[])
  )`
}
