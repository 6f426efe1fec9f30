import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FatalError } from '@app/runtime'
import { piecesInTime, withDeadline } from './disk-deadline.ts'
import {
  copyTo,
  hasCode,
  makeFolder,
  pruneEmptyFolders,
  removeLeftovers,
  sizeOf,
  syncToDisk,
} from './disk-files.ts'
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
  /** For each answer of the disk; a file to be stored has more, by its size. Default 30 s. */
  timeoutMs?: number
}

const TIMEOUT_MS = 30_000
/** 1 MB/s: a disk that writes slower than this is as good as none. */
const SLOWEST_BYTES_PER_MS = 1_000
/** A folder can be pruned while we make it and before our file is in it: each lost try is another's removal. */
const MOVE_TRIES = 50

/**
 * Objects as files of a folder. A file appears under its key in one step, whole and on the disk, or not at
 * all. A disk that doesn't answer in time fails the call with RetryLaterError `storage-timeout`.
 */
export function diskStorage({
  directory,
  signingSecret,
  publicBase,
  now = Date.now,
  timeoutMs = TIMEOUT_MS,
}: DiskOptions): ObjectStorage {
  const objects = join(directory, 'objects')
  const unfinished = join(directory, 'unfinished')
  const pathOf = (key: string): string => join(objects, checkKey(key))
  const removeFile = async (path: string) => {
    await rm(path, { force: true })
    await pruneEmptyFolders(dirname(path), objects)
  }
  const inTime = <T>(what: string, work: () => Promise<T>) => withDeadline(what, { timeoutMs }, work)

  return {
    name: 'disk',

    async putFile(key, path, { signal }) {
      const target = pathOf(key)
      signal?.throwIfAborted()
      const { size } = await inTime(`find ${path}`, () => stat(path))
      const deadline = { timeoutMs: timeoutMs + size / SLOWEST_BYTES_PER_MS, signal }
      await withDeadline(`put ${key}`, deadline, async (signal) => {
        await makeFolder(unfinished)
        await removeLeftovers(unfinished, now())
        await putWhole(path, { target, copy: join(unfinished, randomBytes(12).toString('hex')) }, signal)
        if (!signal.aborted) return
        // Whoever gave up while it was moved may have removed and forgotten it before it was there.
        await removeFile(target)
        throw signal.reason
      })
      // Only now: until here the caller could have tried again with it.
      await inTime(`take ${path} away`, () => rm(path, { force: true }))
    },

    async read(key, { range, signal } = {}) {
      const path = pathOf(key)
      signal?.throwIfAborted()
      const file = await withDeadline(`open ${key}`, { timeoutMs, signal }, (signal) =>
        openObject(key, path, signal),
      )
      const stream = file.createReadStream({ ...range, ...(signal ? { signal } : {}) })
      return piecesInTime(stream, `read ${key}`, timeoutMs)
    },

    async stat(key) {
      const path = pathOf(key)
      const sizeBytes = await inTime(`stat ${key}`, () => sizeOf(path))
      return sizeBytes === undefined ? undefined : { sizeBytes }
    },

    async remove(keys, { signal } = {}) {
      for (const path of keys.map(pathOf)) {
        signal?.throwIfAborted()
        await inTime(`remove ${path}`, () => removeFile(path))
      }
    },

    async signedUrl(key, { expiresInSeconds, downloadName }) {
      const expiresAt = Math.floor(now() / 1000) + expiresInSeconds
      return publicBase + signPath({ key: checkKey(key), expiresAt, downloadName }, signingSecret)
    },

    localPath: pathOf,
  }
}

/** By way of a copy that nobody looks at, so that the target is never seen half-written. */
async function putWhole(
  path: string,
  { target, copy }: { target: string; copy: string },
  signal: AbortSignal,
) {
  try {
    await copyTo(path, copy, signal)
    await syncToDisk(copy)
    signal.throwIfAborted()
    await moveInto(copy, target)
  } finally {
    await rm(copy, { force: true })
  }
}

async function openObject(key: string, path: string, signal: AbortSignal): Promise<FileHandle> {
  const file = await open(path).catch((cause: unknown) => {
    throw hasCode(cause, 'ENOENT', 'ENOTDIR', 'EISDIR') ? notFound(key, cause) : cause
  })
  if (!signal.aborted) return file
  await file.close()
  throw signal.reason
}

async function moveInto(file: string, target: string): Promise<void> {
  const folder = dirname(target)
  for (let tries = 1; ; tries++) {
    try {
      await makeFolder(folder)
      await rename(file, target)
      break
    } catch (error) {
      if (!hasCode(error, 'ENOENT') || tries === MOVE_TRIES) throw error
    }
  }
  // A folder that is gone by now went with our file: it was stored, and then removed by others.
  await syncToDisk(folder).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error
  })
}

function notFound(key: string, cause: unknown): FatalError {
  return new FatalError('object-not-found', `there is no object ${key}`, { cause })
}
