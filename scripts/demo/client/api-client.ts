import { openAsBlob } from 'node:fs'
import path from 'node:path'
import {
  AudiobookCreated,
  AudiobookDetail,
  AudiobookJobs,
  type CreateAudiobook,
  type CreateUpload,
  FileReceived,
  SearchAnswer,
  type SearchQuery,
  Transcript,
  UploadCreated,
  UploadDetail,
  UploadProgress,
} from '@app/contracts'
import type { z } from 'zod'
import { type ApiAccess, type ApiCall, callApi, requestApi } from './call-api.ts'
import { readEvents, type SseMessage } from './read-events.ts'

export interface FileToSend {
  path: string
  /** What the API is told it is called; the path's own name by default. */
  name?: string
  title?: string
  position?: number
}

export type ApiClient = ReturnType<typeof apiClient>

/** The HTTP API as functions: what the demo and the end-to-end tests need of it. */
export function apiClient(access: ApiAccess, defaults: { signal?: AbortSignal } = {}) {
  const caller: Caller = {
    call: (at, schema, options) => callApi(access, `/api/v1/${at}`, schema, { ...defaults, ...options }),
    request: (at, options) => requestApi(access, `/api/v1/${at}`, { ...defaults, ...options }),
  }
  return Object.assign({ url: access.url }, uploadCalls(caller), audiobookCalls(caller))
}

interface Caller {
  call: <T extends z.ZodType>(at: string, schema: T, options?: ApiCall) => Promise<z.infer<T>>
  request: (at: string, options?: ApiCall) => Promise<Response>
}

function uploadCalls({ call, request }: Caller) {
  return {
    createUpload: (body: CreateUpload) => call('admin/uploads', UploadCreated, { method: 'POST', body }),

    /** Read from disk as it is sent. Answers once the API has listened through all of it. */
    async sendFile(uploadId: string, file: FileToSend) {
      const body = new FormData()
      if (file.title !== undefined) body.set('title', file.title)
      if (file.position !== undefined) body.set('position', String(file.position))
      body.set('file', await openAsBlob(file.path), file.name ?? path.basename(file.path))
      return await call(`admin/uploads/${uploadId}/files`, FileReceived, {
        method: 'POST',
        body,
        timeoutMs: Number.POSITIVE_INFINITY,
      })
    },

    upload: (id: string) => call(`admin/uploads/${id}`, UploadDetail),
    uploadProgress: (id: string) => call(`admin/uploads/${id}/progress`, UploadProgress),
    /** Also after everything else was called off: that is when there is something to tidy up. */
    deleteUpload: (id: string) => request(`admin/uploads/${id}`, { method: 'DELETE', signal: undefined }),
  }
}

function audiobookCalls({ call, request }: Caller) {
  return {
    createAudiobook: (body: Omit<CreateAudiobook, 'is_public'> & { is_public?: boolean }) =>
      call('admin/audiobooks', AudiobookCreated, { method: 'POST', body }),
    audiobook: (id: string) => call(`admin/audiobooks/${id}`, AudiobookDetail),
    deleteAudiobook: (id: string) => request(`admin/audiobooks/${id}`, { method: 'DELETE' }),
    jobs: (audiobookId: string) => call(`admin/audiobooks/${audiobookId}/jobs`, AudiobookJobs),
    transcript: (chapterId: string) => call(`admin/chapters/${chapterId}/transcript`, Transcript),

    /** One connection's worth of a book's events; ends when the API ends it. */
    async *events(
      audiobookId: string,
      lastEventId?: string,
      signal?: AbortSignal,
    ): AsyncGenerator<SseMessage> {
      const resume = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
      const response = await request(`admin/audiobooks/${audiobookId}/events`, {
        headers: { accept: 'text/event-stream', ...resume },
        timeoutMs: Number.POSITIVE_INFINITY,
        ...(signal ? { signal } : {}),
      })
      if (response.body) yield* readEvents(response.body)
    },

    search(query: { q: string; audiobook_id?: string; mode?: SearchQuery['mode'] }) {
      return call(`search?${new URLSearchParams(query)}`, SearchAnswer)
    },
  }
}
