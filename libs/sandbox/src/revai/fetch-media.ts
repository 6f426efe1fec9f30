import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const TIMEOUT_MS = 120_000

/** Downloads a job's media. Undefined where it can't be had. */
export async function fetchMedia(
  source: { url: string; auth_headers?: Record<string, string> | null | undefined },
  { directory, signal }: { directory: string; signal: AbortSignal },
): Promise<{ path: string; sha256: string } | undefined> {
  const filePath = path.join(directory, randomUUID())
  const hash = createHash('sha256')
  const hashed = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
    const answer = await fetch(source.url, { headers: { ...source.auth_headers }, signal: within })
    if (!answer.ok || !answer.body) throw new Error(`answered ${answer.status}`)
    await pipeline(Readable.fromWeb(answer.body), hashed, createWriteStream(filePath), { signal: within })
    return { path: filePath, sha256: hash.digest('hex') }
  } catch {
    await rm(filePath, { force: true })
    signal.throwIfAborted()
    return undefined
  }
}
