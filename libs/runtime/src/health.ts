import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorMessage } from './error-report.ts'
import { http } from './http.ts'
import type { Metrics } from './metrics.ts'
import type { Part } from './service.ts'
import { withTimeout } from './time.ts'

const CHECK_TIMEOUT_MS = 2000

/** Anything but a throw or a rejection within the time means ready. */
export type HealthCheck = (signal: AbortSignal) => unknown

/** What a check may answer that has more to say than `ok`. */
export interface HealthNote {
  healthNote: string
}
export type HealthChecks = Readonly<Record<string, HealthCheck>>

export interface Health {
  ok: boolean
  /** `ok` or a note, or what is wrong, by check. */
  checks: Record<string, string>
}

/** Runs all checks at once; never rejects, and never takes longer than `timeoutMs`. */
export async function checkHealth(checks: HealthChecks, timeoutMs = CHECK_TIMEOUT_MS): Promise<Health> {
  const outcomes = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await outcomeOf(check, timeoutMs)] as const),
  )
  return {
    ok: outcomes.every(([, { isReady }]) => isReady),
    checks: Object.fromEntries(outcomes.map(([name, { text }]) => [name, text])),
  }
}

/** What GET /healthz and /readyz answer; for the API, which serves them on its own port. */
export async function healthResponse(
  path: string,
  checks: HealthChecks,
): Promise<{ status: 200 | 503; body: Health } | undefined> {
  // Liveness asks only whether this process answers: restarting it would not bring the database back.
  if (path === '/healthz') return { status: 200, body: { ok: true, checks: {} } }
  if (path !== '/readyz') return undefined
  const health = await checkHealth(checks)
  return { status: health.ok ? 200 : 503, body: health }
}

export interface HealthServer extends Part {
  /** The port in use, once started; differs from the one asked for when that was 0. */
  port(): number
}

/** Serves /healthz, /readyz and, where there are any, /metrics, for a process that has no HTTP of its own. */
export function healthServer(port: number, checks: HealthChecks, metrics?: Metrics): HealthServer {
  const server = http.createServer(async (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    if (path === '/metrics' && metrics) return await answerMetrics(response, metrics)
    const answer = await healthResponse(path, checks)
    response.writeHead(answer?.status ?? 404, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify(answer?.body ?? { error: { code: 'not-found', message: `no such path: ${path}` } }),
    )
  })
  return {
    name: 'health',
    port: () => (server.address() as AddressInfo).port,
    start: () => listen(server, port),
    stop: () => close(server),
  }
}

async function answerMetrics(response: ServerResponse, metrics: Metrics): Promise<void> {
  const { contentType, text } = await metrics.exposition()
  response.writeHead(200, { 'content-type': contentType }).end(text)
}

async function outcomeOf(check: HealthCheck, timeoutMs: number) {
  try {
    const answer = await withTimeout(async (signal) => await check(signal), timeoutMs, 'health-check-timeout')
    return { isReady: true, text: (answer as Partial<HealthNote> | undefined)?.healthNote ?? 'ok' }
  } catch (error) {
    return { isReady: false, text: errorMessage(error) }
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port)
  await once(server, 'listening')
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  // Probes keep their connections alive; nothing they ask is worth waiting for.
  server.closeAllConnections()
  return promise
}
