import type { Row } from '../model/postgres.ts'
import { type Input, nameOf, STREAMS } from '../world/jobs.ts'
import type { World } from '../world/world.ts'

const MOST_CRASHES_ALONE = 3

/** Whether everything has come to its end: no job can go on by itself, and no entry is left. */
export function hasEnded(world: World): boolean {
  const { postgres, redis } = world
  if (world.hasMoreToCome) return false
  for (const row of postgres.rows.values())
    if (isOpen(row, postgres.rows, postgres.dependencies)) return false
  for (const stream of STREAMS) if ((redis.streams.streams.get(stream)?.entries.size ?? 0) > 0) return false
  return true
}

type Rows = ReadonlyMap<string, Row>
type Dependencies = ReadonlyMap<string, readonly string[]>

/** What waits for a job that failed or was cancelled waits until somebody redrives that one. */
function isOpen(row: Row, rows: Rows, dependencies: Dependencies): boolean {
  if (row.status === 'queued' || row.status === 'running') return true
  if (row.status !== 'pending') return false
  const others = (dependencies.get(row.id) ?? []).flatMap((id) => rows.get(id) ?? [])
  return others.every((other) => other.status === 'completed' || isOpen(other, rows, dependencies))
}

/** What is wrong at the end; undefined where nothing is. */
export function judgeEnd(world: World): string | undefined {
  for (const row of world.postgres.rows.values()) {
    const { fatal, poison } = row.input as Input
    const name = nameOf(row.id)
    if (isOpen(row, world.postgres.rows, world.postgres.dependencies))
      return `${name} never ended: it is ${row.status}`
    if (row.status === 'failed' && !fatal && !poison && row.crashes_alone < MOST_CRASHES_ALONE)
      return `${name} failed without a reason`
    if (row.status === 'completed' && (fatal || poison)) return `${name} completed, which it can not`
    const saves = world.witness.savesOf(row.id)
    const expected = row.status === 'completed' && row.type === 'sim' ? 1 : 0
    if (saves !== expected) return `${name} is ${row.status} and was saved ${saves} times`
  }
  return hasEnded(world) ? undefined : 'entries are left on a stream that nobody takes'
}
