import { randomUUID } from 'node:crypto'
import { type JobDefinition, jobDefinition } from '@app/contracts'
import type { Trx } from '@app/db'
import type { PlannedJob } from '@app/flows'
import { FatalError } from '@app/runtime'

/** Rows a statement: Postgres takes 65,535 parameters, and the jobs of a book of 5,000 chapters have more. */
const BATCH = 1_000

type DefinitionOf = (type: string) => JobDefinition | undefined

/**
 * Writes a job graph in the transaction of the thing it is about, in few statements however large it is.
 * Jobs that wait for nothing are `queued`, the others `pending`. Returns the id of each key.
 * `definitionOf` is for programs with job types of their own, which no contract names.
 */
export async function insertJobs<Type extends string>(
  trx: Trx,
  planned: readonly PlannedJob<Type>[],
  definitionOf: DefinitionOf = jobDefinition,
): Promise<Map<string, string>> {
  // Sorted, so that jobs which are due at the same moment are dispatched in the flow's order: chapter by chapter.
  const sorted = planned.map(() => randomUUID() as string).sort()
  const ids = new Map(planned.map((job, index) => [job.key, sorted[index] ?? '']))
  if (planned.length === 0) return ids
  for (const some of batches(planned)) {
    await trx
      .insertInto('processing_jobs')
      .values(some.map((job) => rowOf(job, ids, definitionOf(job.type))))
      .execute()
  }
  const edges = planned.flatMap((job) =>
    job.dependsOn.map((key) => ({ job_id: idOf(ids, job.key), depends_on: idOf(ids, key) })),
  )
  for (const some of batches(edges)) await trx.insertInto('job_dependencies').values(some).execute()
  return ids
}

function* batches<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let first = 0; first < rows.length; first += BATCH) yield rows.slice(first, first + BATCH)
}

function rowOf(
  job: PlannedJob<string>,
  ids: ReadonlyMap<string, string>,
  definition: JobDefinition | undefined,
) {
  if (!definition) throw new FatalError('job-type-unknown', `no contract defines the job type ${job.type}`)
  return {
    id: idOf(ids, job.key),
    subject_kind: job.subjectKind,
    subject_id: job.subjectId,
    chapter_id: job.chapterId ?? null,
    owner_id: job.ownerId,
    type: job.type,
    version: definition.version,
    queue: definition.queue,
    lane: job.lane,
    status: job.dependsOn.length === 0 ? ('queued' as const) : ('pending' as const),
    waiting_on: job.dependsOn.length,
    input: JSON.stringify(definition.input.parse(job.input)),
    max_attempts: definition.attempts,
  }
}

function idOf(ids: ReadonlyMap<string, string>, key: string): string {
  const id = ids.get(key)
  if (id === undefined) throw new FatalError('flow-broken', `the flow has no job ${key}`)
  return id
}
