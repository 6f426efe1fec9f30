import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { processStamp } from './process-stamp.ts'

export interface ChildRecord {
  name: string
  pid: number
  /** Tells it from a later process with the same id. */
  stamp: string
}

const PATIENCE_MS = 15_000
const POLL_MS = 50

export function recordOf(name: string, pid: number): ChildRecord | undefined {
  const stamp = processStamp(pid)
  return stamp === undefined ? undefined : { name, pid, stamp }
}

/**
 * Ends the processes of an earlier run whose supervisor was killed. They notice by themselves and are
 * mostly on their way out; nothing new may start on their data before they are gone.
 */
export async function endOrphans(
  file: string,
  onFound: (orphans: ChildRecord[]) => void,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const orphans = readRecords(file).filter(isAlive)
  if (orphans.length === 0) return
  onFound(orphans)
  for (const orphan of orphans) signal(orphan, 'SIGTERM')
  if (await allGone(orphans, patienceMs)) return
  for (const orphan of orphans.filter(isAlive)) signal(orphan, 'SIGKILL')
  await allGone(orphans, patienceMs)
}

function readRecords(file: string): ChildRecord[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return []
  }
}

function isAlive({ pid, stamp }: ChildRecord): boolean {
  return processStamp(pid) === stamp
}

async function allGone(orphans: readonly ChildRecord[], withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (orphans.some(isAlive)) {
    if (performance.now() > deadline) return false
    await delay(POLL_MS)
  }
  return true
}

function signal({ pid }: ChildRecord, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Gone in between.
  }
}
