import { parseWait } from '@app/bus'
import { FetchError, guardedFetch, type Reach, UrlForbiddenError } from '@app/net'
import type { Answer } from './plan/plan-next-try.ts'
import { signMessage } from './sign-message.ts'

export interface Message {
  id: string
  url: string
  body: string
  /** Those that are good now, the newest first. */
  secrets: readonly string[]
}

interface Ways extends Reach {
  signal: AbortSignal
  /** For all of a try. */
  timeoutMs: number
}

/**
 * Makes one try. Whatever the receiver does is an answer; throws the signal's reason, and what is a fault of ours. Of an
 * answer the head alone is read, and no redirect is followed.
 */
export async function postMessage(message: Message, { signal, timeoutMs, ...reach }: Ways): Promise<Answer> {
  const { id, url, body, secrets } = message
  try {
    const response = await guardedFetch(url, {
      ...reach,
      ...{ method: 'POST', body, redirects: 0, timeoutMs, signal },
      // However much it says: none of it is read.
      maxBytes: Number.POSITIVE_INFINITY,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Scriptorium-Webhooks/1',
        ...signMessage({ id, body, at: new Date() }, secrets),
      },
    })
    response.body.destroy()
    const { status, headers } = response
    const isSuccess = status >= 200 && status < 300
    return { status, retryAfterMs: parseWait(headers), ...(isSuccess ? {} : { error: `answered ${status}` }) }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof FetchError || error instanceof UrlForbiddenError) return { error: error.message }
    throw error
  }
}
