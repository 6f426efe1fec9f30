import type { RecordedRequest } from './records.ts'
import type { Answer, RouteName } from './wire.ts'

/** What the next request of a route gets in place of its answer, or on top of it. */
export interface PlannedAnswer {
  route: RouteName
  /** With a status or a body nothing is done, and this is the answer. Without, the work is done as ever. */
  status?: number
  headers?: Record<string, string>
  /** A string goes out as it is, broken JSON too. */
  body?: unknown
  delayMs?: number
  /** The answer waits for this: a signal where a delay would be a guess. */
  until?: PromiseLike<unknown>
  /** Hangs up: `before` the answer (the work is done, its answer lost), or in the `middle` of it. */
  cut?: 'before' | 'middle'
  /** How many requests it is for. Default 1. */
  times?: number
}

/** A planned answer, and what has become of it. */
export interface Planned {
  /** The first request that met it has been read. */
  asked: Promise<RecordedRequest>
  /** The client of that request has its answer, or has hung up. */
  over: Promise<'answered' | 'hung up'>
}

export interface TakenAnswer {
  plan: PlannedAnswer
  asked: (request: RecordedRequest) => void
  over: (how: 'answered' | 'hung up') => void
}

/** Faults on demand: each request takes the first one planned for its route. */
export function plannedAnswers() {
  const waiting: (TakenAnswer & { left: number })[] = []
  return {
    plan(plan: PlannedAnswer): Planned {
      const asked = Promise.withResolvers<RecordedRequest>()
      const over = Promise.withResolvers<'answered' | 'hung up'>()
      waiting.push({ plan, asked: asked.resolve, over: over.resolve, left: plan.times ?? 1 })
      return { asked: asked.promise, over: over.promise }
    },
    take(route: RouteName): TakenAnswer | undefined {
      const at = waiting.findIndex(({ plan }) => plan.route === route)
      const found = waiting[at]
      if (!found) return undefined
      found.left -= 1
      if (found.left <= 0) waiting.splice(at, 1)
      return found
    },
  }
}

/** The answer that stands in for the provider's, where one was planned. */
export function standIn({ status, headers, body }: PlannedAnswer): Answer | undefined {
  if (status === undefined && body === undefined) return undefined
  return { status: status ?? 200, ...(headers ? { headers } : {}), ...(body === undefined ? {} : { body }) }
}

/** One of the answers of a list of error cases: `http_status`, `headers` and `body` as the provider gave them. */
export function answerOfCase(listed: {
  http_status: number
  headers?: Record<string, string>
  body?: unknown
}): Pick<PlannedAnswer, 'status' | 'headers' | 'body'> {
  return { status: listed.http_status, headers: listed.headers ?? {}, body: listed.body ?? '' }
}
