import { rm } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { abortableDelay } from '@app/runtime'
import { standIn, type TakenAnswer } from './faults.ts'
import { orAborted } from './or-aborted.ts'
import { readBody } from './read-body.ts'
import { type RecordedRequest, recordedBody, recordedHeaders } from './records.ts'
import { matchRoute } from './routes.ts'
import { sendAnswer } from './send.ts'
import type { Answer, Ask, Body, ProviderApi, Route, RouteName } from './wire.ts'

interface Serving {
  providers: readonly ProviderApi[]
  /** `http://host:port` */
  url: () => string
  directory: string
  record: (request: RecordedRequest) => RecordedRequest
  takePlanned: (route: RouteName) => TakenAnswer | undefined
  /** How long this answer takes, besides what its work takes. */
  slowMs: (ask: Ask) => number
  closing: AbortSignal
  onAnswer: (request: RecordedRequest, answer: Answer) => void
  /** How often each route was asked. */
  counts: () => Record<string, number>
}

/** Reads each request to its end, then answers it as its provider would, or as was planned for it. */
export function serve(serving: Serving): RequestListener {
  return (request, response) => {
    answer(serving, request, response).catch(() => response.destroy())
  }
}

async function answer(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', serving.url())
  const body = await readBody(request, serving.directory)
  try {
    // For whoever runs the sandbox as a process of its own.
    if (url.pathname === '/requests')
      return await sendAnswer(response, { status: 200, body: serving.counts() })
    const found = matchRoute(serving.providers, request.method ?? 'GET', url.pathname)
    if (!found) return await sendAnswer(response, { status: 404, body: 'no provider lives here' })
    const { api, route, params } = found
    if (!route) return await sendAnswer(response, api.notFound(url.pathname))

    const hungUp = new AbortController()
    response.once('close', () => response.writableFinished || hungUp.abort(new Error('the client hung up')))
    const ask: Ask = {
      route: route.name,
      method: route.method,
      params,
      query: url.searchParams,
      headers: plainHeaders(request),
      body,
      baseUrl: `${serving.url()}/${api.name}`,
      signal: AbortSignal.any([hungUp.signal, serving.closing]),
    }
    await answerRoute(serving, { api, route, ask, response, path: url.pathname + url.search })
  } finally {
    await removeFiles(body)
  }
}

interface Exchange {
  api: ProviderApi
  route: Route
  ask: Ask
  path: string
  response: ServerResponse
}

async function answerRoute(serving: Serving, exchange: Exchange): Promise<void> {
  const { api, route, ask, response } = exchange
  const record = serving.record({
    provider: api.name,
    route: route.name,
    method: route.method,
    path: exchange.path.slice(api.name.length + 1),
    headers: recordedHeaders(ask.headers),
    ...recordedBody(ask.body),
  })
  const planned = serving.takePlanned(route.name)
  planned?.asked(record)
  try {
    const given = (planned && standIn(planned.plan)) ?? api.refuse(ask) ?? (await worked(exchange))
    const headers = { ...api.headersOf?.(ask), ...given.headers, ...planned?.plan.headers }
    await abortableDelay(serving.slowMs(ask) + (planned?.plan.delayMs ?? 0), ask.signal)
    if (planned?.plan.until !== undefined) await orAborted(planned.plan.until, ask.signal)
    if (!planned?.plan.cut) record.status = given.status
    serving.onAnswer(record, { ...given, headers })
    await sendAnswer(response, { ...given, headers }, planned?.plan.cut)
    planned?.over('answered')
  } catch (error) {
    planned?.over('hung up')
    throw error
  }
}

async function worked({ api, route, ask }: Exchange): Promise<Answer> {
  try {
    return await route.answer(ask)
  } catch (error) {
    if (ask.signal.aborted) throw error
    return api.broken(error instanceof Error ? error.message : String(error))
  }
}

function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

/** What a route wanted to keep it has moved elsewhere. */
async function removeFiles(body: Body): Promise<void> {
  if (body.kind !== 'form') return
  await Promise.all(body.files.map(({ path }) => rm(path, { force: true })))
}
