import { randomUUID } from 'node:crypto'
import type { JobDefinition } from '@app/contracts'
import type { PlannedJob } from '@app/flows'
import { FatalError } from '@app/runtime'
import { isUnique, uniqueKeyOf, uniqueName } from './unique-jobs.ts'

/** Finds the contract of a job type. The product's own is `jobDefinition`; tests and experiments bring theirs. */
export type JobDefinitions = (type: string) => JobDefinition | undefined

export type JobToInsert = ReturnType<typeof rowOf>

export interface GraphRows {
  /** The id of each key. Two keys share one where they are the same unique job. */
  ids: ReadonlyMap<string, string>
  jobs: readonly { row: JobToInsert; dependsOn: readonly string[] }[]
}

/**
 * The rows and edges of a graph, as they will be should no unique job be there already: then only ids change.
 * Errors: `job-type-unknown`, `flow-broken`, `unique-key-invalid`, and a ZodError for an input that breaks its contract.
 */
export function planGraph(planned: readonly PlannedJob<string>[], definitions: JobDefinitions): GraphRows {
  // Sorted, so that jobs which are due at the same moment are dispatched in the flow's order: chapter by chapter.
  const sorted = planned.map(() => randomUUID() as string).sort()
  const drafts = planned.map((job, index) => ({ job, row: rowOf(job, sorted[index] ?? '', definitions) }))
  const ids = idsOf(drafts)
  const jobs = drafts
    .filter(({ job, row }) => ids.get(job.key) === row.id)
    .map(({ job, row }) => {
      const dependsOn = [...new Set(job.dependsOn.map((key) => idOf(ids, key)))].filter((id) => id !== row.id)
      const status = dependsOn.length === 0 ? ('queued' as const) : ('pending' as const)
      return { row: { ...row, status, waiting_on: dependsOn.length }, dependsOn }
    })
  return { ids, jobs }
}

function idsOf(drafts: readonly { job: PlannedJob<string>; row: JobToInsert }[]): Map<string, string> {
  const ids = new Map<string, string>()
  const firstOf = new Map<string, string>()
  for (const { job, row } of drafts) {
    if (ids.has(job.key)) throw new FatalError('flow-broken', `the flow has two jobs ${job.key}`)
    const name = isUnique(row) ? uniqueName(row) : row.id
    const id = firstOf.get(name) ?? row.id
    firstOf.set(name, id)
    ids.set(job.key, id)
  }
  return ids
}

function rowOf(job: PlannedJob<string>, id: string, definitions: JobDefinitions) {
  const definition = definitions(job.type)
  if (!definition) throw new FatalError('job-type-unknown', `no contract defines the job type ${job.type}`)
  const input = definition.input.parse(job.input)
  return {
    id,
    subject_kind: job.subjectKind,
    subject_id: job.subjectId,
    chapter_id: job.chapterId ?? null,
    owner_id: job.ownerId,
    type: job.type,
    version: definition.version,
    queue: definition.queue,
    lane: job.lane,
    status: 'queued' as 'queued' | 'pending',
    waiting_on: 0,
    input: JSON.stringify(input),
    unique_key: uniqueKeyOf(definition, input),
    max_attempts: definition.attempts,
  }
}

function idOf(ids: ReadonlyMap<string, string>, key: string): string {
  const id = ids.get(key)
  if (id === undefined) throw new FatalError('flow-broken', `the flow has no job ${key}`)
  return id
}
