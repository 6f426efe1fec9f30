import type { Db } from '@app/db'
import { abortableDelay } from '@app/runtime'
import { sql } from 'kysely'
import type { Member } from '../fleet/member.ts'
import type { PlannedFault } from '../plan/plan-faults.ts'
import type { Stage } from './stage.ts'

/** While everybody is down or frozen there is nobody to hit; somebody is back soon. */
const PAUSE_MS = 100
/** How often the busiest is hit: that interrupts most. Else whoever it happens to be. */
const BUSIEST = 0.7

/** Somebody who is up, of those that are meant; undefined once the faults are over. */
export async function victim(
  { fleet, db, signal }: Stage,
  { pick, form }: PlannedFault,
  isMeant: (member: Member) => boolean,
): Promise<Member | undefined> {
  while (!signal.aborted) {
    const busy = form < BUSIEST ? await runsByPid(db).catch(() => new Map<number, number>()) : undefined
    const alive = fleet.members.filter((member) => isMeant(member) && member.pid !== undefined)
    const runs = (member: Member | undefined) => busy?.get(member?.pid ?? 0) ?? 0
    const some = alive[Math.floor(pick * alive.length)]
    if (some) return alive.reduce((most, member) => (runs(member) > runs(most) ? member : most), some)
    await abortableDelay(PAUSE_MS, signal).catch(() => {})
  }
  return undefined
}

/** What each process runs, by what Postgres says. A worker's id ends with its process' and something random. */
async function runsByPid(db: Db): Promise<Map<number, number>> {
  const { rows } = await sql<{ pid: number; runs: number }>`
    select (regexp_match(worker_id, '-(\\d+)-[0-9a-f]+$'))[1]::int as pid, count(*)::int as runs
    from processing_jobs where status = 'running' group by 1`.execute(db)
  return new Map(rows.map(({ pid, runs }) => [pid, runs]))
}
