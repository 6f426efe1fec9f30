import { abortableDelay } from '@app/runtime'
import { type RevaiJob, shownJob } from './jobs.ts'

/** What was posted, and what came back: undefined where nobody answered. */
export interface Notification {
  jobId: string
  url: string
  status: number | undefined
}

interface Posting {
  signal: AbortSignal
  /** Rev.ai waits half an hour. */
  retryMs: number
  /** Beyond those that fail: duplicates are normal. */
  repeats: number
  onPosted: (notification: Notification) => void
}

const TIMEOUT_MS = 10_000
const MAX_TRIES = 48

/** Posts the ended job to its notification address until that says 200, and then so many times more. */
export async function notify(job: RevaiJob, posting: Posting): Promise<void> {
  const { url, auth_headers: headers } = job.options.notification_config ?? {
    url: job.options.callback_url ?? '',
  }
  if (!url) return
  let repeats = posting.repeats
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const status = await post(url, { ...headers }, job, posting.signal)
    posting.onPosted({ jobId: job.id, url, status })
    if (status === 200 && repeats <= 0) return
    if (status === 200) repeats -= 1
    else await abortableDelay(posting.retryMs, posting.signal)
  }
}

async function post(url: string, headers: Record<string, string>, job: RevaiJob, signal: AbortSignal) {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ job: shownJob(job) }),
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    await answer.body?.cancel()
    return answer.status
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}
