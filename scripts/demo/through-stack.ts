import type { AudiobookJobs } from '@app/contracts'
import { FatalError } from '@app/runtime'
import { type ApiClient, apiClient } from './client/api-client.ts'
import { followBook } from './client/follow-book.ts'
import { type BookToSend, sendBook } from './client/send-book.ts'
import type { PreparedBook } from './prepare-book.ts'
import { collectOutcome } from './results/collect-outcome.ts'
import type { Outcome } from './results/outcome.ts'
import { openScreen } from './screen/screen.ts'
import type { Tell } from './screen/tell.ts'
import type { StackInUse } from './use-stack.ts'

interface DemoContext {
  tell: Tell
  signal: AbortSignal
}

/**
 * Sends the book to a running stack, follows it to its end, and asks for all that became of it. `afterwards` says what
 * becomes of the book when the user goes.
 */
export async function throughStack(
  { stack, afterwards }: Pick<StackInUse, 'stack'> & { afterwards: string },
  { book, made }: PreparedBook,
  { tell, signal, seed }: DemoContext & { seed: number },
): Promise<Outcome> {
  const api = apiClient({ url: stack.api_url, token: stack.admin_token }, { signal })
  const startedAtMs = performance.now()
  const created = await send(api, book, { tell, signal })
  const jobs = await watch(api, created.audiobook_id, { tell, signal }).finally(() => {
    if (signal.aborted) tell.say(afterwards)
  })
  const seconds = (performance.now() - startedAtMs) / 1000
  return collectOutcome(api, { jobs, seconds, seed, made })
}

async function send(api: ApiClient, book: BookToSend, { tell, signal }: DemoContext) {
  tell.doing('Sending it')
  const created = await sendBook(api, book, {
    signal,
    onPercent: (percent) => tell.doing(`Sending it: ${Math.floor(percent)} %`),
    onWarning: (name, warning) => tell.say(`  ! ${name}: ${warning.replaceAll('-', ' ')}`),
  })
  tell.done(`Sent; ${created.total_jobs} jobs`)
  return created
}

async function watch(
  api: ApiClient,
  audiobookId: string,
  { tell, signal }: DemoContext,
): Promise<AudiobookJobs> {
  const screen = openScreen(tell.out)
  let last: AudiobookJobs | undefined
  tell.say('')
  try {
    for await (const view of followBook(api, audiobookId, { signal })) {
      last = view
      screen.show(view)
    }
  } finally {
    screen.close()
  }
  if (!last) throw new FatalError('book-without-jobs', 'the API told nothing about the book')
  return last
}
