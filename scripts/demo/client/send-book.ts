import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { SpeechProvider } from '@app/contracts'
import { abortableDelay, FatalError } from '@app/runtime'
import type { ApiClient, FileToSend } from './api-client.ts'
import { ApiError } from './api-error.ts'

export interface BookToSend {
  files: readonly FileToSend[]
  /** Left out where the recording's own tags should name them. */
  title?: string
  author?: string
  language?: string | undefined
  /** Who turns it into text, where that is not the stack's configured one. */
  provider?: SpeechProvider | undefined
  /** Taken where neither we nor the tags name them. */
  fallback?: { title: string; author: string }
}

interface SendOptions {
  signal?: AbortSignal | undefined
  /** How much of the files has arrived, from 0 to 100. */
  onPercent?: (percent: number) => void
  /** What the API finds odd about a file that it takes all the same. */
  onWarning?: (fileName: string, warning: string) => void
}

const LOOK_MS = 500

/** Uploads the files and makes an audiobook of them; takes the upload back where that fails. */
export async function sendBook(api: ApiClient, book: BookToSend, options: SendOptions = {}) {
  const { files } = book
  const sizes = await Promise.all(files.map(async (file) => (await stat(file.path)).size))
  const { upload_id: uploadId } = await api.createUpload({
    upload_type: files.length === 1 ? 'single' : 'chapters',
    total_files: files.length,
    // Nothing can't be announced; sent all the same, an empty file is refused with its reason.
    total_size_bytes: Math.max(
      1,
      sizes.reduce((sum, size) => sum + size, 0),
    ),
  })
  try {
    await sendFiles(api, uploadId, files, options)
    return await createAudiobook(api, uploadId, book)
  } catch (error) {
    // Best effort: what was asked for has failed already, and says why.
    await api.deleteUpload(uploadId).catch(() => {})
    throw error
  }
}

async function sendFiles(
  api: ApiClient,
  uploadId: string,
  files: readonly FileToSend[],
  { signal, onPercent, onWarning }: SendOptions,
): Promise<void> {
  const watching = new AbortController()
  const watch = onPercent ? watchProgress(api, uploadId, onPercent, watching.signal) : undefined
  try {
    for (const file of files) {
      signal?.throwIfAborted()
      const name = file.name ?? path.basename(file.path)
      const { warnings = [] } = await api.sendFile(uploadId, file).catch((cause) => refuse(name, cause))
      for (const warning of warnings) onWarning?.(name, warning)
    }
  } finally {
    watching.abort()
    await watch
  }
}

/** Of many files the one that is meant. */
function refuse(name: string, cause: unknown): never {
  if (!(cause instanceof ApiError)) throw cause
  throw new FatalError('file-refused', `${name}: ${cause.message}`, { cause })
}

async function watchProgress(
  api: ApiClient,
  uploadId: string,
  onPercent: (percent: number) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      await abortableDelay(LOOK_MS, signal)
      onPercent((await api.uploadProgress(uploadId)).percent)
    }
  } catch {
    // It is only shown: the upload itself tells whether something is wrong.
  }
}

async function createAudiobook(
  api: ApiClient,
  uploadId: string,
  { title, author, language, provider, fallback }: BookToSend,
) {
  const request = {
    upload_id: uploadId,
    ...(title === undefined ? {} : { title }),
    ...(author === undefined ? {} : { author }),
    ...(language === undefined ? {} : { language }),
    ...(provider === undefined ? {} : { transcribe_provider: provider }),
  }
  try {
    return await api.createAudiobook(request)
  } catch (error) {
    if (!fallback || !(error instanceof ApiError)) throw error
    const missing = Object.entries(fallback).filter(([name]) =>
      error.details.some(({ field }) => field === name),
    )
    if (missing.length === 0) throw error
    return await api.createAudiobook({ ...request, ...Object.fromEntries(missing) })
  }
}
