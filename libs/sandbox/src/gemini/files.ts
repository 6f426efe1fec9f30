import { createHash, randomBytes } from 'node:crypto'
import { appendFile, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import type { Answer, Ask } from '../server/wire.ts'
import { geminiError, invalidArgument } from './errors.ts'

export interface StoredFile {
  name: string
  displayName: string | undefined
  mimeType: string
  sizeBytes: number
  /** Hexadecimal, once all of it is here. */
  sha256: string
  path: string
  createdAt: Date
  state: 'PROCESSING' | 'ACTIVE' | 'FAILED'
  /** How many times more it is shown as being processed. */
  polls: number
}

interface FilesOptions {
  directory: string
  /** How many looks at a file find it still being processed. */
  processingPolls: number
}

const LIFE_MS = 48 * 3_600_000
const MAX_BYTES = 2 * 1024 ** 3

/** The Files API: resumable uploads, and the files they become. */
export function fileStore(options: FilesOptions) {
  const files = new Map<string, StoredFile>()
  const found = ({ params }: Ask) => files.get(`files/${params.file}`)
  return {
    get: (name: string) => files.get(name),
    ...uploads(options, (file) => void files.set(file.name, file)),

    /** `GET /files/{file}` */
    show(ask: Ask): Answer {
      const file = found(ask)
      if (!file) return noSuchFile()
      if (file.state === 'PROCESSING' && file.polls === 0) file.state = 'ACTIVE'
      file.polls = Math.max(0, file.polls - 1)
      return { status: 200, body: shown(file, ask.baseUrl) }
    },

    /** `GET /files` */
    list: ({ baseUrl }: Ask): Answer => ({
      status: 200,
      body: { files: [...files.values()].map((file) => shown(file, baseUrl)) },
    }),

    /** `DELETE /files/{file}` */
    async remove(ask: Ask): Promise<Answer> {
      const file = found(ask)
      if (!file) return noSuchFile()
      files.delete(file.name)
      await rm(file.path, { force: true })
      return { status: 200, body: {} }
    },
  }
}

export type FileStore = ReturnType<typeof fileStore>

function uploads({ directory, processingPolls }: FilesOptions, onUploaded: (file: StoredFile) => void) {
  const open = new Map<string, StoredFile>()
  return {
    /** `POST /upload/{version}/files` */
    start(ask: Ask): Answer {
      const { headers, baseUrl, params } = ask
      if (headers['x-goog-upload-protocol'] !== 'resumable' || headers['x-goog-upload-command'] !== 'start')
        return invalidArgument('Only resumable uploads are taken.')
      if (Number(headers['x-goog-upload-header-content-length'] ?? 0) > MAX_BYTES)
        return invalidArgument('The file is too large.')
      const id = randomBytes(6).toString('hex')
      open.set(id, begun(ask, { id, directory, polls: processingPolls }))
      const url = `${baseUrl}/upload/${params.version}/files/${id}`
      return {
        status: 200,
        headers: { 'x-goog-upload-url': url, 'x-goog-upload-status': 'active' },
        body: '',
      }
    },

    /** `POST` of a chunk to the upload's own address. */
    async chunk({ headers, body, params, baseUrl }: Ask): Promise<Answer> {
      const upload = open.get(params.upload ?? '')
      if (!upload) return geminiError(404, 'NOT_FOUND', 'Upload not found.')
      const offset = Number(headers['x-goog-upload-offset'] ?? 0)
      if (offset !== upload.sizeBytes)
        return invalidArgument(`Expected offset ${upload.sizeBytes}, got ${offset}.`)
      const bytes = body.kind === 'bytes' ? body.bytes : Buffer.alloc(0)
      await appendFile(upload.path, bytes)
      upload.sizeBytes += bytes.length
      if (!headers['x-goog-upload-command']?.includes('finalize'))
        return { status: 200, headers: { 'x-goog-upload-status': 'active' }, body: '' }
      open.delete(params.upload ?? '')
      upload.sha256 = createHash('sha256')
        .update(await readFile(upload.path))
        .digest('hex')
      if (upload.polls === 0) upload.state = 'ACTIVE'
      onUploaded(upload)
      return {
        status: 200,
        headers: { 'x-goog-upload-status': 'final' },
        body: { file: shown(upload, baseUrl) },
      }
    },
  }
}

const Metadata = z.object({
  file: z
    .object({
      name: z.string().optional(),
      displayName: z.string().optional(),
      mimeType: z.string().optional(),
    })
    .optional(),
})

function begun(
  { headers, body }: Ask,
  { id, directory, polls }: { id: string; directory: string; polls: number },
): StoredFile {
  const { file } = Metadata.parse(body.kind === 'json' ? body.value : {})
  const mimeType = headers['x-goog-upload-header-content-type'] ?? file?.mimeType
  return {
    ...{ name: file?.name ?? `files/${id}`, displayName: file?.displayName },
    mimeType: mimeType ?? 'application/octet-stream',
    path: path.join(directory, `upload-${id}`),
    ...{ sizeBytes: 0, sha256: '', createdAt: new Date(), state: 'PROCESSING', polls },
  }
}

function noSuchFile(): Answer {
  return geminiError(
    403,
    'PERMISSION_DENIED',
    'You do not have permission to access the File or it may not exist.',
  )
}

function shown(file: StoredFile, baseUrl: string) {
  const { name, displayName, mimeType, sizeBytes, createdAt, state, sha256 } = file
  return {
    name,
    ...(displayName ? { displayName } : {}),
    ...{ mimeType, sizeBytes: String(sizeBytes), state, source: 'UPLOADED' },
    createTime: createdAt.toISOString(),
    updateTime: createdAt.toISOString(),
    expirationTime: new Date(createdAt.getTime() + LIFE_MS).toISOString(),
    // The base64 of the digest in hexadecimal, as the service has it.
    sha256Hash: Buffer.from(sha256).toString('base64'),
    uri: `${baseUrl}/v1beta/${name}`,
  }
}
