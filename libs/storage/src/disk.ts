import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, link, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { FatalError } from '@app/runtime'
import { checkKey } from './object-key.ts'
import type { ObjectStorage } from './port.ts'
import { signPath } from './signed-path.ts'

interface DiskOptions {
  directory: string
  /** Signs the addresses that the API serves. */
  signingSecret: string
  /** Where the API serves signed paths, e.g. `http://127.0.0.1:8080/media/`. */
  publicBase: string
  now?: () => number
}

/** An unfinished copy older than this belongs to nobody any more. */
const LEFTOVER_MS = 60 * 60_000

/** Objects as files of a folder. A file appears under its key in one step, whole and on the disk, or not at all. */
export function diskStorage({
  directory,
  signingSecret,
  publicBase,
  now = Date.now,
}: DiskOptions): ObjectStorage {
  const objects = join(directory, 'objects')
  const unfinished = join(directory, 'unfinished')
  const pathOf = (key: string): string => join(objects, checkKey(key))

  return {
    name: 'disk',

    async putFile(key, path, { signal }) {
      const target = pathOf(key)
      signal?.throwIfAborted()
      await mkdir(dirname(target), { recursive: true })
      await mkdir(unfinished, { recursive: true })
      await removeLeftovers(unfinished, now())
      const copy = join(unfinished, randomBytes(12).toString('hex'))
      try {
        await moveOrCopy(path, copy)
        await sync(copy)
        signal?.throwIfAborted()
        await rename(copy, target)
        await sync(dirname(target))
      } finally {
        await rm(copy, { force: true })
      }
    },

    async read(key, { range, signal } = {}): Promise<Readable> {
      const path = pathOf(key)
      await found(path, key)
      return createReadStream(path, { ...range, ...(signal ? { signal } : {}) })
    },

    async stat(key) {
      const file = await statOf(pathOf(key))
      return file && { sizeBytes: file.size }
    },

    async remove(keys) {
      await Promise.all(keys.map((key) => rm(pathOf(key), { force: true })))
    },

    async signedUrl(key, { expiresInSeconds, downloadName }) {
      const expiresAt = Math.floor(now() / 1000) + expiresInSeconds
      return publicBase + signPath({ key: checkKey(key), expiresAt, downloadName }, signingSecret)
    },

    localPath: pathOf,
  }
}

/** A link costs nothing, but only inside one file system. */
async function moveOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
    await unlink(from)
  } catch {
    await rm(to, { force: true })
    await copyFile(from, to)
  }
}

/** After a power cut a renamed file may be empty, unless its bytes and its folder were written out before. */
async function sync(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}

async function found(path: string, key: string): Promise<void> {
  if (!(await statOf(path))) throw new FatalError('object-not-found', `there is no object ${key}`)
}

async function statOf(path: string) {
  try {
    const file = await stat(path)
    return file.isFile() ? file : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** What processes that were killed while copying have left. */
async function removeLeftovers(directory: string, nowMs: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    const file = await statOf(path)
    if (file && nowMs - file.mtimeMs > LEFTOVER_MS) await rm(path, { force: true })
  }
}
