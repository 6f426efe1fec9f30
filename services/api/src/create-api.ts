import type { Bus } from '@app/bus'
import { type Db, pingDb } from '@app/db'
import {
  announceCancelled,
  createCountCompactor,
  createDispatcher,
  createRedriver,
  type JobMetrics,
  measureQueues,
  wakeJob,
} from '@app/jobs'
import type { EmbeddingModel, Embeddings } from '@app/language'
import type { UrlRules } from '@app/net'
import type { Platform } from '@app/platforms'
import { measureProviders } from '@app/providers'
import { type Logger, type Part, type Secret, scratchDirectory } from '@app/runtime'
import type { ObjectStorage } from '@app/storage'
import { apiKeyVerifier } from './api-keys/verify-api-key.ts'
import { createApp } from './app.ts'
import { bookDeps } from './books/book-deps.ts'
import { clipDeps } from './clips/clip-deps.ts'
import { eventHints } from './events/event-hints.ts'
import { createEventHub } from './events/event-hub.ts'
import type { ApiApp } from './http/env.ts'
import { eventTickets } from './http/event-tickets.ts'
import { type TokenKeys, tokenVerifier } from './http/verify-token.ts'
import { jobDeps } from './jobs/job-deps.ts'
import { createQueryModels } from './search/query-models.ts'
import { searchBooks } from './search/search-books.ts'
import { urlSigner } from './sign-urls.ts'
import { createStorageSweeper, type StorageSweeper } from './storage-sweeper.ts'
import { requestTextWork } from './texts/request-text-work.ts'
import { uploadDeps } from './uploads/upload-deps.ts'

export interface ApiOptions {
  log: Logger
  db: Db
  bus: Bus
  redisUrl: string
  metrics: JobMetrics
  storage: ObjectStorage
  embeddings: Embeddings
  /** What embedded passages before, where it can still be asked. */
  earlierEmbeddings?: ((model: EmbeddingModel) => Embeddings | undefined) | undefined
  /** Files lie here while they arrive and are judged; best where storage is, if that is a disk. */
  spoolDirectory: string
  maxFileBytes: number
  tokens: TokenKeys
  /** Signs the addresses of media, and tickets for event streams. */
  signingSecret: string
  /** Where this API is reached from outside. */
  publicUrl: string
  corsOrigins: readonly string[]
  /** What Rev.ai says when it calls. */
  revaiToken: Secret
  /** What users' URLs may lead to, as far as their text says. */
  urlRules: UrlRules
  /** What clips may be fetched from. */
  platforms: readonly Platform[]
  /** Registers `/download`. */
  enableLegacyRoutes: boolean
  /** How long `/download` waits for its job. */
  legacyWaitMs?: number | undefined
  /** Whether webhooks may be sent to http addresses, in the clear. */
  allowHttpWebhooks: boolean
  /** How often event streams look by themselves. */
  streamPollMs?: number | undefined
}

export interface Api {
  app: ApiApp
  /** Must run while the app is asked; in start order. */
  parts: Part[]
  sweeper: StorageSweeper
  /** Ends event streams, which would never end by themselves. */
  endStreams: () => void
}

/** Puts the API together. */
export function createApi(given: ApiOptions): Api {
  const options = { ...given, publicUrl: given.publicUrl.replace(/\/+$/, '') }
  const { log, db, bus, redisUrl, metrics, storage, signingSecret, corsOrigins, embeddings } = options
  const spool = scratchDirectory(options.spoolDirectory, log)
  const sweeper = createStorageSweeper({ db, storage, log })
  const onRedriving = () => redriver.stepSoon()
  const dispatcher = createDispatcher({ db, bus, redisUrl, log, metrics, onRedriving })
  const redriver = createRedriver({ db, log, dispatchSoon: dispatcher.dispatchSoon })
  measureQueues(metrics.metrics, { db, bus })
  measureProviders(metrics.metrics, db)
  const signUrls = urlSigner(storage)
  const hub = createEventHub(options.streamPollMs)
  const hints = eventHints({ hub, redisUrl, prefix: bus.prefix, log })
  const tickets = eventTickets(signingSecret)
  const models = createQueryModels(db, embeddings, options.earlierEmbeddings)
  /** Jobs have changed: some may be due, and streams have something to show. */
  const onChange = (subjectId: string | undefined) => {
    dispatcher.dispatchSoon()
    if (subjectId !== undefined) hub.hint(subjectId)
  }
  const app = createApp({
    ...{ log, db, storage, hub, tickets, signingSecret, corsOrigins },
    verifyToken: tokenVerifier(options.tokens),
    verifyTicket: tickets.verify,
    needed: { postgres: () => pingDb(db) },
    exposition: metrics.metrics.exposition,
    helpful: { redis: () => bus.redis.ping() },
    ...uploadDeps({ ...options, spool, sweeper }),
    ...bookDeps({ ...options, sweeper, signUrls, onChange }),
    ...jobDeps({ db, bus, onChange }),
    ...clipDeps({ ...options, signUrls, sweeper, onChange }),
    enableLegacyRoutes: options.enableLegacyRoutes,
    verifyApiKey: apiKeyVerifier({ db, log }),
    limits: bus.limits,
    revaiToken: options.revaiToken,
    wakeJob: async (jobId) => {
      if (await wakeJob(db, jobId, 'transcript-pending')) dispatcher.dispatchSoon()
    },
    bus,
    announceCancelled: (jobIds) => announceCancelled(bus, jobIds),
    dispatchSoon: dispatcher.dispatchSoon,
    requestTextWork: async (request) => {
      const work = await requestTextWork(db, request)
      dispatcher.dispatchSoon()
      return work
    },
    searchBooks: (query, scope, signal) => searchBooks({ db, log, models }, query, scope, signal),
  })
  const parts = [spool.part, sweeper, dispatcher, createCountCompactor({ db, log }), redriver, hints]
  return { app, sweeper, endStreams: hub.close, parts }
}
