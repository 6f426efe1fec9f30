import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { asDiskFull, createDiskSpace, type Reservation } from './disk-space.ts'
import type { Logger } from './log.ts'
import type { Part } from './service.ts'

const BEAT_MS = 30_000
/** Another host's directory (a shared volume) is taken for dead after this long without a beat. */
const DEAD_AFTER_MS = 10 * 60_000
/** `scratch-<host>-<pid>-<random>`: says whose it is to whoever starts after a crash. */
const NAME = /^scratch-(.+)-(\d+)-[0-9a-f-]{36}$/

export interface ScratchDirectory {
  part: Part
  /** There once the part has started. */
  path: string
  /** A path in it for one file or folder; nothing is there yet. */
  newPath(): string
  /** Declares what a job may write there; throws `RetryLaterError` `disk_full` where there is no room for it. */
  reserve(bytes: number): Promise<Reservation>
  /**
   * Gives `work` a folder of its own, removed however it ends, with room for so many bytes. Throws `RetryLaterError`
   * `disk_full` without it, and where the disk was full all the same.
   */
  withFolder<Result>(bytes: number, work: (folder: string) => Promise<Result>): Promise<Result>
}

/**
 * A directory of this process for files on their way, gone when the process is: at its stop, or after a kill when the
 * next process with the same root starts.
 */
export function scratchDirectory(root: string, log: Logger): ScratchDirectory {
  const own = join(root, `scratch-${hostname()}-${process.pid}-${randomUUID()}`)
  const { reserve } = createDiskSpace(own)
  const newPath = () => join(own, randomUUID())
  let beat: NodeJS.Timeout | undefined
  return {
    path: own,
    newPath,
    reserve,
    async withFolder(bytes, work) {
      using _room = await reserve(bytes)
      const folder = newPath()
      try {
        await mkdir(folder, { mode: 0o700 })
        return await work(folder)
      } catch (error) {
        throw asDiskFull(error)
      } finally {
        // A tool that is being killed may still add to it.
        await rm(folder, { recursive: true, force: true, maxRetries: 3 })
      }
    },
    part: {
      name: 'scratch directory',
      async start() {
        await mkdir(own, { recursive: true, mode: 0o700 })
        await sweepDead(root, own, log)
        beat = setInterval(() => void touch(own), BEAT_MS)
        beat.unref()
      },
      async stop() {
        clearInterval(beat)
        await rm(own, { recursive: true, force: true })
      },
    },
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now).catch(() => {})
}

async function sweepDead(root: string, own: string, log: Logger): Promise<void> {
  for (const name of await readdir(root)) {
    const path = join(root, name)
    if (path === own || !(await isDead(path, name))) continue
    log.info({ path }, 'removing what a dead process left of unfinished work')
    await rm(path, { recursive: true, force: true })
  }
}

async function isDead(path: string, name: string): Promise<boolean> {
  const [, host, pid] = NAME.exec(name) ?? []
  if (host === undefined) return false
  // Our own number under another name: a container's process before this one had it too.
  if (host === hostname()) return Number(pid) === process.pid || !isAlive(Number(pid))
  const info = await stat(path).catch(() => undefined)
  return info !== undefined && Date.now() - info.mtimeMs > DEAD_AFTER_MS
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there, and someone else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
