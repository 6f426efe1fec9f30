import { REVAI_WEBHOOK_PATH } from '@app/providers'
import type { Logger } from '@app/runtime'
import { MEDIA_PATH } from '@app/storage'
import { OpenAPIHono } from '@hono/zod-openapi'
import { except } from 'hono/combine'
import { cors } from 'hono/cors'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { limitRate } from './api-keys/limit-rate.ts'
import type { VerifyApiKey } from './api-keys/verify-api-key.ts'
import { THUMBNAIL_PATH } from './clips/read-clip.ts'
import { answerError } from './http/answer-error.ts'
import { authenticate, type VerifyTicket } from './http/authenticate.ts'
import type { ApiApp, ApiEnv } from './http/env.ts'
import { limitBody } from './http/limit-body.ts'
import { refuseUnmatched } from './http/refuse-unmatched.ts'
import { requestLog } from './http/request-log.ts'
import { refuseInvalid } from './http/validated.ts'
import type { VerifyToken } from './http/verify-token.ts'
import { apiKeyRoutes } from './routes/api-keys.ts'
import { type AudiobookRoutesDeps, audiobookRoutes } from './routes/audiobooks.ts'
import { type BookTextRoutesDeps, bookTextRoutes } from './routes/book-texts.ts'
import { clipEventRoutes } from './routes/clip-events.ts'
import { type ClipJobRoutesDeps, clipJobRoutes } from './routes/clip-jobs.ts'
import { clipRoutes } from './routes/clips.ts'
import { type DeadLetterRoutesDeps, deadLetterRoutes } from './routes/dead-letters.ts'
import { docsRoutes } from './routes/docs.ts'
import { type EventRoutesDeps, eventRoutes } from './routes/events.ts'
import { type HealthRoutesDeps, healthRoutes } from './routes/health.ts'
import { type JobRoutesDeps, jobRoutes } from './routes/jobs.ts'
import { LEGACY_PATH, type LegacyRoutesDeps, legacyDownloadRoutes } from './routes/legacy-download.ts'
import { type MediaRoutesDeps, mediaRoutes } from './routes/media.ts'
import { type ProviderRoutesDeps, providerRoutes } from './routes/providers.ts'
import { type QueueRoutesDeps, queueRoutes } from './routes/queues.ts'
import { redriveRoutes } from './routes/redrives.ts'
import { type SearchRoutesDeps, searchRoutes } from './routes/search.ts'
import { thumbnailRoutes } from './routes/thumbnails.ts'
import { type TranscriptRoutesDeps, transcriptRoutes } from './routes/transcripts.ts'
import { translationRoutes } from './routes/translations.ts'
import { type UploadRoutesDeps, uploadRoutes } from './routes/uploads.ts'
import { type WebhookDeliveryRoutesDeps, webhookDeliveryRoutes } from './routes/webhook-deliveries.ts'
import { type WebhookEndpointRoutesDeps, webhookEndpointRoutes } from './routes/webhook-endpoints.ts'
import { webhookSecretRoutes } from './routes/webhook-secrets.ts'
import { type WebhookRoutesDeps, webhookRoutes } from './routes/webhooks.ts'

export interface ApiDeps
  extends UploadRoutesDeps,
    AudiobookRoutesDeps,
    JobRoutesDeps,
    EventRoutesDeps,
    TranscriptRoutesDeps,
    BookTextRoutesDeps,
    SearchRoutesDeps,
    MediaRoutesDeps,
    QueueRoutesDeps,
    ProviderRoutesDeps,
    DeadLetterRoutesDeps,
    WebhookRoutesDeps,
    ClipJobRoutesDeps,
    LegacyRoutesDeps,
    WebhookEndpointRoutesDeps,
    WebhookDeliveryRoutesDeps,
    HealthRoutesDeps {
  log: Logger
  verifyToken: VerifyToken
  verifyApiKey: VerifyApiKey
  verifyTicket: VerifyTicket
  limits: Parameters<typeof limitRate>[0]
  /** Never in production: it keeps connections open for minutes. */
  enableLegacyRoutes: boolean
  /** Web pages of these origins may call; none by default. */
  corsOrigins: readonly string[]
}

/** Where a token is needed. */
const SIGNED_IN = ['/api/*', '/jobs/*', '/webhooks/*']

/** What pages of other origins may read besides the body: without this they could not tell when to ask again. */
const EXPOSED = [
  ...['Location', 'Retry-After', 'RateLimit', 'RateLimit-Policy', 'X-Request-Id', 'Allow', 'ETag'],
  ...['Accept-Ranges', 'Content-Range', 'Content-Length', 'Content-Disposition'],
]
/** So long a browser need not ask again whether it may. */
const PREFLIGHT_S = 3_600

/** The whole HTTP API over its dependencies; listens nowhere by itself. */
export function createApp(deps: ApiDeps): ApiApp {
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid })
  app.onError(answerError)
  app.notFound(refuseUnmatched(app))

  app.use(requestId(), requestLog(deps.log), headers())
  for (const path of deps.corsOrigins.length > 0
    ? [...SIGNED_IN, `${MEDIA_PATH}*`, `${THUMBNAIL_PATH}*`]
    : []) {
    app.use(path, cors({ origin: [...deps.corsOrigins], exposeHeaders: EXPOSED, maxAge: PREFLIGHT_S }))
  }
  for (const path of deps.enableLegacyRoutes ? [...SIGNED_IN, LEGACY_PATH] : SIGNED_IN) {
    // Rev.ai shows a token of its own.
    const signedIn = [authenticate(deps), limitRate(deps.limits), limitBody()] as const
    app.use(path, except(REVAI_WEBHOOK_PATH, ...signedIn))
  }

  uploadRoutes(app, deps)
  audiobookRoutes(app, deps)
  jobRoutes(app, deps)
  eventRoutes(app, deps)
  transcriptRoutes(app, deps)
  bookTextRoutes(app, deps)
  translationRoutes(app, deps)
  searchRoutes(app, deps)
  mediaRoutes(app, deps)
  queueRoutes(app, deps)
  providerRoutes(app, deps)
  deadLetterRoutes(app, deps)
  redriveRoutes(app, deps)
  webhookRoutes(app, deps)
  apiKeyRoutes(app, deps)
  clipRoutes(app, deps)
  clipJobRoutes(app, deps)
  clipEventRoutes(app, deps)
  thumbnailRoutes(app, deps)
  if (deps.enableLegacyRoutes) legacyDownloadRoutes(app, deps)
  webhookSecretRoutes(app, deps)
  webhookEndpointRoutes(app, deps)
  webhookDeliveryRoutes(app, deps)
  healthRoutes(app, deps)
  docsRoutes(app)
  return app
}

/** Answers are data, not pages: nothing in them may run, wherever a browser is tricked into showing them. */
function headers() {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: 'DENY',
    // Set where TLS ends, by whoever ends it.
    strictTransportSecurity: false,
    overwrite: false,
  })
}
