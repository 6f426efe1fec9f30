import { workerConfig } from '@app/jobs'
import { netConfig } from '@app/net'
import { z } from 'zod'

/** What the environment says to the notifier. */
export const notifierConfig = {
  ...workerConfig,
  ...netConfig,
  /** Messages that are on their way at once in this process. They mostly wait, so that `CONCURRENCY` means nothing here. */
  WEBHOOK_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(32),
  /** How long it can be seen what was sent, and be sent again. */
  WEBHOOK_KEEP_DAYS: z.coerce.number().int().min(1).max(3_650).default(30),
}

/** Standard Webhooks has senders wait for 15 to 30 s. */
export const TRY_TIMEOUT_MS = 20_000
