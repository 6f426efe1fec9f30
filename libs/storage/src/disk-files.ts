import { createReadStream, createWriteStream } from 'node:fs'
import { link, mkdir, open, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** An unfinished copy older than this belongs to nobody any more. */
const LEFTOVER_MS = 60 * 60_000

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException | undefined)?.code ?? '')
}

/** A second name for the same bytes where that is possible: inside one file system it costs nothing. */
export async function copyTo(from: string, to: string, signal?: AbortSignal): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    // EXDEV: another file system; EPERM, ENOTSUP: one without links; EMLINK: one with too many.
    if (!hasCode(error, 'EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK')) throw error
    const options = signal ? { signal } : {}
    await pipeline(createReadStream(from), createWriteStream(to, { flags: 'wx' }), options)
  }
}

/** After a power cut a renamed file may be empty, unless its bytes and its folder were written out before. */
export async function syncToDisk(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}

/** Makes a folder and its parents, each of them entered in its own parent on the disk. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncToDisk(dirname(made))
}

/** Size of a file; undefined where there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const file = await statOf(path)
  return file?.isFile() ? file.size : undefined
}

/** Removes a folder and its parents up to `root`, as far as they are empty. */
export async function pruneEmptyFolders(path: string, root: string): Promise<void> {
  for (let folder = path; folder.length > root.length; folder = dirname(folder)) {
    try {
      await rmdir(folder)
    } catch (error) {
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR')) return
      throw error
    }
  }
}

/** Removes what processes that were killed while storing have left. */
export async function removeLeftovers(directory: string, nowMs: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    const file = await statOf(path)
    // A link's modification time is that of its bytes, which may be old; the change time is when it was made.
    if (file && nowMs - file.ctimeMs > LEFTOVER_MS) await rm(path, { force: true })
  }
}

async function statOf(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}
