import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import { Refusal } from '../http/refusal.ts'
import { planFileName } from '../plan/file-name.ts'

/** A body of which nothing arrives for this long is given up: a sender that is gone may never close. */
const STALL_MS = 60_000
const LIMITS = { fields: 8, fieldSize: 8_192, parts: 12, headerPairs: 40, headerSize: 16_384 }

export interface ReceivedFile {
  fileName: string
  sizeBytes: number
  sha256: string
  /** The form's other fields, wherever in the body they stood. */
  fields: { position?: string; title?: string }
}

interface ReceiveOptions {
  /** Written here as it arrives; the caller removes it, whatever the outcome. */
  path: string
  /** Over this the file is refused while it still arrives. */
  maxBytes: number
  tooLarge: Refusal
  onBytes: (count: number) => void
  stallMs?: number
}

/**
 * Writes the multipart form's one `file` to disk at the sender's pace and the disk's, whichever is slower: memory
 * holds a few chunks, whatever the file's size. Throws a Refusal where form or connection breaks.
 */
export async function receiveFile(
  body: Readable,
  contentType: string,
  options: ReceiveOptions,
): Promise<ReceivedFile> {
  const stop = new AbortController()
  const form = openForm(contentType)
  const stall = setTimeout(() => stop.abort(stalled()), options.stallMs ?? STALL_MS)
  const fields: ReceivedFile['fields'] = {}
  let file: Promise<Omit<ReceivedFile, 'fields'>> | undefined

  form.on('field', (name, value) => {
    if (name === 'position' || name === 'title') fields[name] = value
  })
  form.on('file', (name, stream, fileName) => {
    if (name !== 'file' || file !== undefined) {
      stream.resume()
      stop.abort(unexpected(name))
      return
    }
    file = writeFile(stream, fileName, stop, options)
    file.catch((error) => stop.abort(error))
  })

  try {
    await pipeline(body, (chunks) => watched(chunks, stall), form, { signal: stop.signal })
    if (!file) throw missing()
    return { ...(await file), fields }
  } catch (error) {
    stop.abort(error)
    // The file may be removed only once nobody writes to it any more.
    await file?.catch(() => {})
    throw asRefusal(stop.signal.reason ?? error)
  } finally {
    clearTimeout(stall)
  }
}

async function* watched(chunks: AsyncIterable<Buffer>, stall: NodeJS.Timeout) {
  for await (const chunk of chunks) {
    stall.refresh()
    yield chunk
  }
}

async function writeFile(
  stream: BusboyFileStream,
  fileName: string | undefined,
  stop: AbortController,
  { path, maxBytes, tooLarge, onBytes }: ReceiveOptions,
): Promise<Omit<ReceivedFile, 'fields'>> {
  const hash = createHash('sha256')
  const out = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  let sizeBytes = 0
  async function* measure(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes) throw tooLarge
      hash.update(chunk)
      onBytes(chunk.length)
      yield chunk
    }
  }
  try {
    await pipeline(stream, measure, out, { signal: stop.signal })
  } finally {
    // An aborted pipeline has ended while the file may still be about to be made: removing it would come too early.
    out.destroy()
    if (!out.closed) await new Promise<void>((resolve) => out.once('close', () => resolve()))
  }
  return { fileName: planFileName(fileName), sizeBytes, sha256: hash.digest('hex') }
}

function openForm(contentType: string): BusboyInstance {
  if (!/^multipart\/form-data\s*(;|$)/i.test(contentType)) {
    throw new Refusal('unsupported-media-type', 'send the file as multipart/form-data')
  }
  try {
    return Busboy({
      headers: { 'content-type': contentType },
      limits: LIMITS,
      // A `file` without a file name is a file all the same, and must not be gathered in memory as a field.
      isPartAFile: (name, _type, fileName) => name === 'file' || fileName !== undefined,
    })
  } catch (cause) {
    throw new Refusal('malformed-multipart', 'the Content-Type names no boundary', { cause })
  }
}

function unexpected(name: string): Refusal {
  const problem = name === 'file' ? 'send one file a request' : 'only the field "file" holds a file'
  return new Refusal('invalid-body', 'the form is not as it should be', {
    details: [{ field: name, problem }],
  })
}

function missing(): Refusal {
  const details = [{ field: 'file', problem: 'is missing' }]
  return new Refusal('invalid-body', 'the form is not as it should be', { details })
}

const stalled = () => new Refusal('upload-stalled', 'nothing of the file arrived for a minute')

function asRefusal(error: unknown): unknown {
  if (error instanceof Refusal) return error
  const { code, message = '' } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC') return new Refusal('disk-full', 'there is no room for this file', { cause: error })
  if (/multipart|part terminated|boundary/i.test(message)) {
    return new Refusal('malformed-multipart', 'the form breaks off or is malformed', { cause: error })
  }
  if (code !== undefined && /^(ECONN|EPIPE|ERR_STREAM_PREMATURE)|aborted/i.test(code)) {
    return new Refusal('upload-interrupted', 'the connection broke before the file was complete', {
      cause: error,
    })
  }
  return error
}
