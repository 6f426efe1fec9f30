import type { ClipEvent, ClipStatus } from '@app/contracts'
import type { Db } from '@app/db'
import { CLIP } from '@app/flows'
import { sql } from 'kysely'
import type { Watched } from '../events/changes.ts'

/**
 * How a clip stands, in one statement, so at one moment; `rowVersions` names it only where it, or a job of it, was written
 * since the version. A version is the oldest transaction that was open at that moment: whatever commits later carries it
 * or a newer one. Undefined where there is no such clip.
 */
export async function clipProgress(
  db: Db,
  clipId: string,
  since?: string,
): Promise<Watched<ClipEvent> | undefined> {
  const { rows } = await sql<Row>`
    with own as (
      select type, row_version, case when status = 'completed' then 1 else coalesce((
          -- One that was split into parts is as far as they are.
          select avg(case when child.status = 'completed' then 1 else child.progress end)
          from processing_jobs child where child.parent_id = job.id
        ), progress) end as done
      from processing_jobs job where subject_id = ${clipId} and subject_kind = ${CLIP} and parent_id is null
    )
    select pg_snapshot_xmin(pg_current_snapshot())::text as version, id, status, attempt, error_code, error_message,
      (select coalesce(round(avg(done)::numeric, 4), 0)::float8 from own) as progress,
      (${since ?? null}::xid8 is null or row_version >= ${since ?? null}::xid8 or exists (
        select from processing_jobs
        where subject_id = ${clipId} and subject_kind = ${CLIP} and row_version >= ${since ?? null}::xid8
      )) as "isChanged",
      (select coalesce(json_agg(json_build_object('stage', stage, 'at', at) order by at), '[]')
        from clip_stages where clip_id = clips.id and clip_stages.attempt = clips.attempt) as stages
    from clips where id = ${clipId}`.execute(db)
  const [row] = rows
  if (!row) return undefined
  const { version, isChanged, id: job_id, status, attempt, progress, error_code, error_message } = row
  const stages = row.stages.map(({ stage, at }) => ({ stage, at: new Date(at).toISOString() }))
  const view = { job_id, status, attempt, progress, error_code, error_message, stages }
  return { version, view, rowVersions: isChanged ? new Map([[job_id, JSON.stringify(view)]]) : new Map() }
}

interface Row {
  version: string
  id: string
  status: ClipStatus
  attempt: number
  progress: number
  error_code: string | null
  error_message: string | null
  isChanged: boolean
  stages: { stage: ClipStatus; at: string }[]
}
