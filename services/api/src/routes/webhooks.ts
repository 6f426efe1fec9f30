import { createHash, timingSafeEqual } from 'node:crypto'
import { RevAiNotification } from '@app/contracts'
import type { Db } from '@app/db'
import { REVAI_WEBHOOK_PATH } from '@app/providers'
import type { Secret } from '@app/runtime'
import { createRoute } from '@hono/zod-openapi'
import { createMiddleware } from 'hono/factory'
import { jsonBody, named, refusals } from '../http/describe.ts'
import type { ApiApp, ApiEnv } from '../http/env.ts'
import { notFound } from '../http/known-id.ts'
import { limitBody } from '../http/limit-body.ts'
import { Refusal } from '../http/refusal.ts'
import { jobOfNotification } from '../queries/revai-jobs.ts'

export interface WebhookRoutesDeps {
  db: Db
  /** What Rev.ai was told to say. */
  revaiToken: Secret
  /** Lets a job come that waits for its transcript. */
  wakeJob: (jobId: string) => Promise<void>
}

const revai = createRoute({
  method: 'post',
  path: REVAI_WEBHOOK_PATH,
  tags: ['webhooks'],
  summary: 'Where Rev.ai tells that a transcript is ready (its own token)',
  description:
    'Nothing is taken from it but which job it is about, and that job only asks Rev.ai sooner than it would have: ' +
    'a message that comes twice, late or not at all changes no result.',
  request: { body: jsonBody(named('RevAiNotification', RevAiNotification)) },
  responses: {
    200: { description: 'The job is one of ours: it is not to be sent again' },
    401: { description: 'Not the token that Rev.ai was told' },
    ...refusals(400, 404, 413, 415, 422, 503),
  },
})

/** Calls from providers, who show a token of ours and no user's. */
export function webhookRoutes(app: ApiApp, { db, revaiToken, wakeJob }: WebhookRoutesDeps): void {
  app.use(REVAI_WEBHOOK_PATH, onlyWith(revaiToken), limitBody())

  app.openapi(revai, async (c) => {
    const job = await jobOfNotification(db, c.req.valid('json'))
    if (!job) throw notFound('job')
    if (!job.isEnded) await wakeJob(job.id)
    return c.body(null, 200)
  })
}

/** Compared by their hashes: how long that takes tells neither where they differ nor how long the secret is. */
function onlyWith(token: Secret) {
  const expected = digest(`Bearer ${token.reveal()}`)
  return createMiddleware<ApiEnv>(async (c, next) => {
    const given = c.req.header('authorization')
    if (given === undefined || !timingSafeEqual(digest(given), expected)) {
      throw new Refusal('token-invalid', 'this is for Rev.ai, which was told a token')
    }
    await next()
  })
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
