import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { guardedFetch, type Reach } from '@app/net'
import type { Logger } from '@app/runtime'
import { planStill } from './plan/plan-formats.ts'
import type { Metadata } from './plan/read-metadata.ts'

interface StillOptions {
  reach: Reach
  directory: string
  signal: AbortSignal
  log: Logger
}

const MAX_BYTES = 10_000_000
const TIMEOUT_MS = 20_000

/** The platform's own picture of a post as a file; undefined where it has none that can be had: a video serves as well. */
export async function fetchStill(metadata: Metadata, options: StillOptions): Promise<string | undefined> {
  const { reach, directory, signal, log } = options
  const url = planStill(metadata)
  if (url === undefined) return undefined
  const path = join(directory, 'still')
  try {
    const limits = { signal, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES }
    const response = await guardedFetch(url, { ...reach, ...limits })
    const type = response.headers.get('content-type') ?? ''
    if (response.status !== 200 || !/^image\/(?:jpeg|png|webp)/.test(type)) {
      response.body.destroy()
      return undefined
    }
    await pipeline(response.body, createWriteStream(path), { signal })
    return path
  } catch (error) {
    signal.throwIfAborted()
    log.debug({ err: error }, 'the platform’s picture can not be had')
    await rm(path, { force: true })
    return undefined
  }
}
