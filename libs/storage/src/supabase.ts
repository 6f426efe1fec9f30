import { openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { loadSdk } from '@app/runtime'
import { type StorageCalls, storageCalls } from './calls.ts'
import { checkKey } from './object-key.ts'
import type { ObjectStorage } from './port.ts'
import { readBody } from './read-body.ts'
import { isNotFound, ofResponse } from './supabase-errors.ts'
import { TUS_CHUNK_BYTES, tusUpload } from './tus-upload.ts'

export interface SupabaseOptions {
  url: string
  /** A secret key (`sb_secret_…`) or the service role's: storage is ours alone, users get signed addresses. */
  serviceKey: string
  bucket: string
  /** Of one request; a body that is coming in may take longer, as long as it keeps coming. */
  timeoutMs?: number
  /** Grows with each try. */
  retryDelayMs?: number
}

/** Supabase takes a thousand keys in one request. */
const MAX_KEYS = 1000
const TIMEOUT_MS = 30_000
const RETRY_DELAY_MS = 500

/**
 * Objects in a Supabase bucket. Small requests go through the SDK. Large bodies don't: its uploads hold a whole
 * file in memory (1.6 GB for 1.5 GB, measured on 2.119), and its downloads know no ranges.
 */
export function supabaseStorage(options: SupabaseOptions): ObjectStorage {
  const bucket = connect(options)
  const { call } = bucket.calls
  return {
    name: 'supabase',
    putFile: async (key, path, { contentType, signal }) =>
      putFile(bucket, { key: checkKey(key), path, contentType }, signal),
    read: async (key, { range, signal } = {}) => read(bucket, checkKey(key), range, signal),
    stat: async (key, { signal } = {}) => statOf(bucket, checkKey(key), signal),
    async remove(keys, { signal } = {}) {
      keys.forEach(checkKey)
      for (let from = 0; from < keys.length; from += MAX_KEYS) {
        const some = keys.slice(from, from + MAX_KEYS)
        await call(`remove ${some.length} objects`, signal, async () =>
          answer(await bucket.objects.remove(some)),
        )
      }
    },
    async signedUrl(key, { expiresInSeconds, downloadName, signal }) {
      checkKey(key)
      const sign = async () => answer(await bucket.objects.createSignedUrl(key, expiresInSeconds))
      const { signedUrl } = await call(`sign ${key}`, signal, sign)
      // The SDK would encode the name twice.
      return downloadName === undefined
        ? signedUrl
        : `${signedUrl}&download=${encodeURIComponent(downloadName)}`
    },
  }
}

type Bucket = ReturnType<typeof connect>

function connect({
  url,
  serviceKey,
  bucket,
  timeoutMs = TIMEOUT_MS,
  retryDelayMs = RETRY_DELAY_MS,
}: SupabaseOptions) {
  const calls: StorageCalls = storageCalls({ timeoutMs, retryDelayMs })
  const { createClient } = loadSdk<typeof import('@supabase/supabase-js')>('@supabase/supabase-js')
  const supabase = createClient(url, serviceKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { fetch: calls.fetchInCall },
  })
  return {
    name: bucket,
    objects: supabase.storage.from(bucket),
    calls,
    timeoutMs,
    headers: { authorization: `Bearer ${serviceKey}`, apikey: serviceKey },
    endpoint: `${url.replace(/\/+$/, '')}/storage/v1`,
  }
}

type FileToPut = { key: string; path: string; contentType: string }

async function putFile(bucket: Bucket, file: FileToPut, signal: AbortSignal | undefined): Promise<void> {
  const { size: sizeBytes } = await stat(file.path)
  if (sizeBytes > TUS_CHUNK_BYTES) {
    return await tusUpload({ ...bucket, bucket: bucket.name, ...file, sizeBytes }, bucket.calls, signal)
  }
  const { key, path, contentType } = file
  const body = await openAsBlob(path, { type: contentType })
  // A key is written once and never changes, so writing it again after a lost answer does no harm.
  const upload = async () => answer(await bucket.objects.upload(key, body, { contentType, upsert: true }))
  await bucket.calls.call(`put ${key}`, signal, upload)
}

async function read(
  { name, endpoint, headers, calls, timeoutMs }: Bucket,
  key: string,
  range: { start: number; end: number } | undefined,
  signal: AbortSignal | undefined,
): Promise<Readable> {
  const address = `${endpoint}/object/authenticated/${encodeURI(`${name}/${key}`)}`
  const part = range ? { range: `bytes=${range.start}-${range.end}` } : {}
  const response = await calls.call(`read ${key}`, signal, async () => {
    const response = await calls.fetchInCall(address, { headers: { ...headers, ...part } })
    if (!response.ok) throw await ofResponse(response)
    return response
  })
  return readBody(response.body, { key, idleTimeoutMs: timeoutMs, signal })
}

async function statOf({ objects, calls }: Bucket, key: string, signal: AbortSignal | undefined) {
  return await calls.call(`stat ${key}`, signal, async () => {
    const { data, error } = await objects.info(key)
    if (isNotFound(error)) return undefined
    const { size = 0, contentType } = answer({ data, error })
    return { sizeBytes: size, ...(contentType ? { contentType } : {}) }
  })
}

/** The SDK throws nothing and answers pairs. */
function answer<T>({ data, error }: { data: T | null; error: unknown }): T {
  if (error) throw error
  return data as T
}
