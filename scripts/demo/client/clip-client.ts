import {
  ClipCreated,
  ClipEvent,
  ClipJobStatus,
  ClipPage,
  ClipResult,
  ClipsCreated,
  type CreateClip,
  WebhookSecret,
} from '@app/contracts'
import { type ApiAccess, type ApiCall, callApi, requestApi } from './call-api.ts'
import { readEvents } from './read-events.ts'

export type ClipClient = ReturnType<typeof clipClient>

/** The clip job API as functions, as another product would use it. */
export function clipClient(access: ApiAccess, defaults: { signal?: AbortSignal } = {}) {
  const request = (at: string, call: ApiCall = {}) => requestApi(access, at, { ...defaults, ...call })
  const client = {
    create: (body: CreateClip) =>
      callApi(access, '/jobs/create', ClipCreated, { ...defaults, method: 'POST', body }),
    createMany: (urls: readonly string[], options: Omit<CreateClip, 'url'> = {}) =>
      callApi(access, '/jobs/batch', ClipsCreated, {
        ...defaults,
        method: 'POST',
        body: { urls, ...options },
      }),
    status: (id: string) => callApi(access, `/jobs/${id}/status`, ClipJobStatus, defaults),
    result: (id: string) => callApi(access, `/jobs/${id}/result`, ClipResult, defaults),
    list: (query: Record<string, string> = {}) =>
      callApi(access, `/jobs?${new URLSearchParams(query)}`, ClipPage, defaults),
    retry: (id: string) =>
      callApi(access, `/jobs/${id}/retry`, ClipJobStatus, { ...defaults, method: 'POST' }),

    /** What signs the messages to every `callback_url`. */
    callbackSecret: () => callApi(access, '/webhooks/callback-secret', WebhookSecret, defaults),

    /** What happens to a job, until it has ended; whoever asks late gets the end. */
    async *follow(id: string): AsyncGenerator<ClipEvent> {
      const headers = { accept: 'text/event-stream' }
      const { body } = await request(`/jobs/${id}/events`, { headers, timeoutMs: Number.POSITIVE_INFINITY })
      if (!body) return
      for await (const { name, data } of readEvents(body)) {
        if (name === 'snapshot' || name === 'changed') yield ClipEvent.parse(JSON.parse(data))
      }
    },

    /** The job as it stood at its end. */
    async ended(id: string): Promise<ClipEvent> {
      let last: ClipEvent | undefined
      for await (const event of client.follow(id)) last = event
      if (last?.status !== 'completed' && last?.status !== 'failed') {
        throw new Error(`the stream of job ${id} broke off at ${last?.status}`)
      }
      return last
    },
  }
  return client
}
