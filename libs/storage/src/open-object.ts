import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ObjectStorage } from './port.ts'

/** Makes an object readable as a file: its own where storage is this disk, else a copy inside `directory`. */
export const openObjectIn =
  (storage: ObjectStorage) =>
  async (key: string, directory: string, signal: AbortSignal): Promise<string> => {
    const own = storage.localPath?.(key)
    const exists = own !== undefined && (await storage.stat(key, { signal })) !== undefined
    if (own !== undefined && exists) return own
    const copy = join(directory, 'object')
    await pipeline(await storage.read(key, { signal }), createWriteStream(copy), { signal })
    return copy
  }
