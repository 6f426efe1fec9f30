import type { JobStore } from './job-store.ts'
import type { SentJob } from './sent-tickets.ts'

/** Well before the mark of a dispatcher is taken for that of a dead one. */
const CONFIRM_AFTER_MS = 1_000

/**
 * Confirms sent tickets a second later, those that still wait then: what a free worker claims at once needs no note,
 * which saves one of four updates of every short job. A process that dies before leaves marks that the next dispatcher
 * frees, as if it had died before it published.
 */
export function createConfirmations(jobs: Pick<JobStore, 'confirmSent'>) {
  let pending: SentJob[] = []
  let timer: NodeJS.Timeout | undefined

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const sent = pending
    pending = []
    // Where Postgres is away the marks go stale, and the tickets are sent once more.
    if (sent.length > 0) await jobs.confirmSent(sent).catch(() => {})
  }

  return {
    add(sent: readonly SentJob[]): void {
      pending.push(...sent)
      timer ??= setTimeout(() => void flush(), CONFIRM_AFTER_MS).unref()
    },
    /** Confirms what is left. Never rejects. */
    flush,
  }
}
