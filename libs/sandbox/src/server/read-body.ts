import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy } from '@fastify/busboy'
import type { Body, ReceivedFile } from './wire.ts'

/** Gemini takes 100 MB in a request; what is more goes to disk or nowhere. */
const MAX_BYTES = 128 * 1024 ** 2
/** Rev.ai's limit of a multipart upload. */
const MAX_FILE_BYTES = 2e9

/** Reads a request to its end, whatever it is: files go into `directory`, and are the caller's to remove. */
export async function readBody(request: IncomingMessage, directory: string): Promise<Body> {
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('multipart/form-data')) return readForm(request, directory)
  const bytes = await readBytes(request)
  if (!bytes) return { kind: 'malformed', reason: 'request body too large' }
  if (bytes.length === 0) return { kind: 'none' }
  return type.includes('json') ? parsed(bytes) : { kind: 'bytes', bytes }
}

function parsed(bytes: Buffer): Body {
  try {
    return { kind: 'json', value: JSON.parse(bytes.toString('utf8')) }
  } catch {
    // A resumable upload sends its bytes under the type of its first request.
    return { kind: 'bytes', bytes }
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= MAX_BYTES) chunks.push(chunk)
  }
  return size <= MAX_BYTES ? Buffer.concat(chunks) : undefined
}

async function readForm(request: IncomingMessage, directory: string): Promise<Body> {
  const fields: Record<string, string[]> = {}
  const files: Promise<ReceivedFile>[] = []
  const form = new Busboy({
    headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
    limits: { fileSize: MAX_FILE_BYTES, files: 4, fields: 1000, fieldSize: 1024 ** 2 },
  })
  form.on('field', (name, value) => {
    fields[name] = [...(fields[name] ?? []), value]
  })
  form.on('file', (field, stream, name, _encoding, contentType) => {
    const received = store(stream, directory).then((file) => ({ field, name, contentType, ...file }))
    received.catch(() => {})
    files.push(received)
  })
  try {
    await pipeline(request, form)
    return { kind: 'form', fields, files: await Promise.all(files) }
  } catch (error) {
    await Promise.allSettled(files)
    return { kind: 'malformed', reason: error instanceof Error ? error.message : String(error) }
  }
}

async function store(stream: NodeJS.ReadableStream, directory: string) {
  const filePath = path.join(directory, randomUUID())
  const hash = createHash('sha256')
  let sizeBytes = 0
  const counted = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk)
      sizeBytes += chunk.length
      done(null, chunk)
    },
  })
  await pipeline(stream, counted, createWriteStream(filePath))
  return { path: filePath, sizeBytes, sha256: hash.digest('hex') }
}
