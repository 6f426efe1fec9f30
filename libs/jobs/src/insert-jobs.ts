import { jobDefinition } from '@app/contracts'
import type { Trx } from '@app/db'
import type { PlannedJob } from '@app/flows'
import { type JobDefinitions, type JobToInsert, planGraph } from './plan-graph.ts'
import { insertUnique, isUnique } from './unique-jobs.ts'

/** Rows a statement: Postgres takes 65,535 parameters, and the jobs of a book of 5,000 chapters have more. */
const BATCH = 1_000

export interface InsertedJobs {
  /** The id of each key. */
  ids: ReadonlyMap<string, string>
  /** Keys whose job was there already: a live one of the same owner under the same unique key. */
  existing: ReadonlySet<string>
}

/**
 * Writes a job graph in the transaction of the thing it is about, in few statements however large it is.
 * Jobs that wait for nothing are `queued`, the others `pending`. Where a unique job is live already, its id stands for
 * that key: edges of the graph lead to it, and what the graph says of its own dependencies is left out.
 * Errors: those of `planGraph`.
 */
export async function insertJobs(
  trx: Trx,
  planned: readonly PlannedJob<string>[],
  definitions: JobDefinitions = jobDefinition,
): Promise<InsertedJobs> {
  return await insertGraph(trx, planned, { definitions, parentId: null })
}

interface GraphOptions {
  definitions: JobDefinitions
  /** The job whose children these are. */
  parentId: string | null
}

/** The same for the children of a job. */
export async function insertGraph(
  trx: Trx,
  planned: readonly PlannedJob<string>[],
  { definitions, parentId }: GraphOptions,
): Promise<InsertedJobs> {
  const { ids, jobs } = planGraph(planned, definitions)
  const rows = jobs.map(({ row }) => ({ ...row, parent_id: parentId }))
  const existing = await insertUnique(trx, rows.filter(isUnique), (some) => insertUnlessLive(trx, some))
  for (const some of batches(rows.filter((row) => !isUnique(row)))) {
    await trx.insertInto('processing_jobs').values(some).execute()
  }
  const idOf = (id: string): string => existing.get(id) ?? id
  const edges = jobs
    .filter(({ row }) => !existing.has(row.id))
    .flatMap(({ row, dependsOn }) => dependsOn.map((id) => ({ job_id: row.id, depends_on: idOf(id) })))
  for (const some of batches(edges)) await trx.insertInto('job_dependencies').values(some).execute()
  return {
    ids: new Map([...ids].map(([key, id]) => [key, idOf(id)])),
    existing: new Set([...ids].flatMap(([key, id]) => (existing.has(id) ? [key] : []))),
  }
}

/** Returns the ids of what was inserted. */
async function insertUnlessLive(
  trx: Trx,
  rows: readonly (JobToInsert & { parent_id: string | null })[],
): Promise<Set<string>> {
  const inserted = new Set<string>()
  for (const some of batches(rows)) {
    const returned = await trx
      .insertInto('processing_jobs')
      .values(some)
      .onConflict((on) => on.doNothing())
      .returning('id')
      .execute()
    for (const { id } of returned) inserted.add(id)
  }
  return inserted
}

function* batches<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let first = 0; first < rows.length; first += BATCH) yield rows.slice(first, first + BATCH)
}
