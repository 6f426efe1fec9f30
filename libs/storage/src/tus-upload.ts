import { open } from 'node:fs/promises'
import type { StorageCalls } from './calls.ts'
import { ofResponse, StorageRefusal } from './supabase-errors.ts'

/** Supabase takes resumable uploads in pieces of exactly this size; only the last is smaller. */
export const TUS_CHUNK_BYTES = 6 * 1024 * 1024
/** 50 kB/s: slower lines are as good as none. */
const CHUNK_TIMEOUT_MS = 120_000
/** Offsets that jump about without getting on mean another writer, or a broken server. */
const MAX_DETOURS = 10

export interface TusUpload {
  /** `https://<project>.supabase.co/storage/v1` */
  endpoint: string
  headers: Record<string, string>
  bucket: string
  key: string
  path: string
  contentType: string
  sizeBytes: number
}

/**
 * Uploads a file by the tus protocol, one piece in memory at a time. A piece that breaks off is sent again from
 * where the server says it got to, so a bad line costs seconds and not the upload.
 */
export async function tusUpload(upload: TusUpload, calls: StorageCalls, signal?: AbortSignal): Promise<void> {
  const { key, path, sizeBytes } = upload
  const { call } = calls
  const request = tusRequests(calls.fetchInCall, upload.headers)
  const address = await call(`begin ${key}`, signal, () => begin(upload, request))
  const piece = Buffer.allocUnsafe(TUS_CHUNK_BYTES)
  await using file = await open(path)
  for (let offset = 0, detours = 0; offset < sizeBytes; ) {
    const { bytesRead } = await file.read(piece, 0, TUS_CHUNK_BYTES, offset)
    if (bytesRead === 0) throw new Error(`${path} has become shorter while it was stored`)
    const next = await call(
      `put ${key} from ${offset}`,
      signal,
      () => send(request, address, piece.subarray(0, bytesRead), offset),
      { timeoutMs: CHUNK_TIMEOUT_MS },
    )
    if (next <= offset && ++detours > MAX_DETOURS) throw new Error(`the upload of ${key} does not get on`)
    offset = next
  }
}

type TusRequest = (
  address: string,
  init: { method: string; headers?: Record<string, string>; body?: Uint8Array },
) => Promise<Response>

/** Requests with what every one of them needs; answers that aren't success are thrown. */
function tusRequests(fetchInCall: typeof fetch, headers: Record<string, string>): TusRequest {
  return async (address, init) => {
    const all = { 'tus-resumable': '1.0.0', ...headers, ...init.headers }
    const response = await fetchInCall(address, { ...init, headers: all } as RequestInit)
    if (!response.ok) throw await ofResponse(response)
    return response
  }
}

async function begin(upload: TusUpload, request: TusRequest): Promise<string> {
  const { endpoint, bucket, key, contentType, sizeBytes } = upload
  const metadata = { bucketName: bucket, objectName: key, contentType, cacheControl: '3600' }
  const response = await request(`${endpoint}/upload/resumable`, {
    method: 'POST',
    headers: {
      'upload-length': String(sizeBytes),
      'upload-metadata': Object.entries(metadata)
        .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
        .join(','),
      'x-upsert': 'true',
    },
  })
  // Behind a proxy the address may name another host or scheme (supabase/cli #2729): only its last part is believed.
  const id = response.headers.get('location')?.split('?')[0]?.split('/').at(-1)
  if (!id) throw new StorageRefusal(502, { message: 'a new upload was given no address' })
  return `${endpoint}/upload/resumable/${id}`
}

/** Sends one piece and answers how far the server is now: further by this piece, or wherever it says. */
async function send(
  request: TusRequest,
  address: string,
  piece: Uint8Array,
  offset: number,
): Promise<number> {
  try {
    const headers = { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' }
    return offsetOf(await request(address, { method: 'PATCH', headers, body: piece }))
  } catch (error) {
    const status = error instanceof StorageRefusal ? error.status : 0
    const isFinal = status >= 400 && status < 500 && status !== 409 && status !== 423 && status !== 429
    if (isFinal) throw error
    // Broken off, or out of step: the server knows how much of it has arrived.
    return offsetOf(await request(address, { method: 'HEAD' }))
  }
}

function offsetOf(response: Response): number {
  const offset = Number(response.headers.get('upload-offset') ?? Number.NaN)
  if (!Number.isInteger(offset)) throw new StorageRefusal(502, { message: 'an upload without an offset' })
  return offset
}
