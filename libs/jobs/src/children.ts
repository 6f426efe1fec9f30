import type { Trx } from '@app/db'
import type { PlannedJob } from '@app/flows'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'
import { insertGraph } from './insert-jobs.ts'
import type { JobDefinitions } from './plan-graph.ts'

/** The sub-graph that a run has planned, and where its job types are defined. */
export interface Children {
  planned: readonly PlannedJob<string>[]
  definitions: JobDefinitions
}

/**
 * Inserts a job's children in the transaction that turns it from `running` to `waiting`. A unique child that is live
 * already as somebody else's stays theirs: the parent waits for it by an edge, as a dependant would.
 * Error: `flow-broken` where the parent would wait for itself.
 */
export async function insertChildren(trx: Trx, parentId: string, children: Children): Promise<void> {
  const { definitions, planned } = children
  const { ids, existing } = await insertGraph(trx, planned, { definitions, parentId })
  const others = [...new Set([...existing].flatMap((key) => ids.get(key) ?? []))]
  if (others.length > 0) await waitForOthers(trx, parentId, others)
  await trx
    .updateTable('processing_jobs')
    .set({ children_open: new Set(ids.values()).size - others.length, waiting_on: others.length })
    .where('id', '=', parentId)
    .execute()
}

async function waitForOthers(trx: Trx, parentId: string, others: readonly string[]): Promise<void> {
  if (await anyWaitsFor(trx, parentId, others))
    throw new FatalError('flow-broken', `a child of job ${parentId} is a job that waits for it`)
  await trx
    .insertInto('job_dependencies')
    .values(others.map((id) => ({ job_id: parentId, depends_on: id })))
    .onConflict((on) => on.doNothing())
    .execute()
}

/** Whether one of these is the job itself, its parent or a dependant of it, however far away. */
async function anyWaitsFor(trx: Trx, jobId: string, others: readonly string[]): Promise<boolean> {
  const { rows } = await sql`
    with recursive waits (id) as (
      values (${jobId}::uuid)
      union
      select next.id from waits cross join lateral (
        select job_id as id from job_dependencies where depends_on = waits.id
        union
        select parent_id from processing_jobs where id = waits.id and parent_id is not null
      ) next
    )
    select from waits where id = any(${others}::uuid[]) limit 1`.execute(trx)
  return rows.length > 0
}
