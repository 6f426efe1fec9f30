import { availableParallelism } from 'node:os'
import type { Bus } from '@app/bus'
import { type Db, pingDb } from '@app/db'
import {
  announceCancelled,
  cancelBook,
  cancelJob,
  createCountCompactor,
  createDispatcher,
  createRedriver,
  type JobMetrics,
  measureQueues,
  redriveDeadLetter,
  redriveJob,
  wakeJob,
  whyNotRunning,
} from '@app/jobs'
import type { EmbeddingModel, Embeddings } from '@app/language'
import type { UrlRules } from '@app/net'
import type { Platform } from '@app/platforms'
import { measureProviders } from '@app/providers'
import { type Logger, type Part, type ScratchDirectory, type Secret, scratchDirectory } from '@app/runtime'
import type { ObjectStorage } from '@app/storage'
import { apiKeyVerifier } from './api-keys/verify-api-key.ts'
import { createApp } from './app.ts'
import { createAudiobook } from './books/create-audiobook.ts'
import { createAudiobooks } from './books/create-audiobooks.ts'
import { readAudiobook } from './books/read-audiobook.ts'
import { removeAudiobook } from './books/remove-audiobook.ts'
import { clipDeps } from './clips/clip-deps.ts'
import { eventHints } from './events/event-hints.ts'
import { createEventHub } from './events/event-hub.ts'
import type { ApiApp } from './http/env.ts'
import { eventTickets } from './http/event-tickets.ts'
import { type TokenKeys, tokenVerifier } from './http/verify-token.ts'
import { setJobStatus } from './jobs/set-job-status.ts'
import { subjectOfJob } from './queries/book-jobs.ts'
import type { AudiobookRoutesDeps } from './routes/audiobooks.ts'
import type { DeadLetterRoutesDeps } from './routes/dead-letters.ts'
import type { JobRoutesDeps } from './routes/jobs.ts'
import type { UploadRoutesDeps } from './routes/uploads.ts'
import { createQueryModels } from './search/query-models.ts'
import { searchBooks } from './search/search-books.ts'
import { type SignUrls, urlSigner } from './sign-urls.ts'
import { createStorageSweeper, type StorageSweeper } from './storage-sweeper.ts'
import { requestTextWork } from './texts/request-text-work.ts'
import { fileAcceptor } from './uploads/accept-file.ts'
import { createArriving } from './uploads/arriving.ts'
import { removeUpload } from './uploads/remove-upload.ts'
import { takeTurns } from './uploads/take-turns.ts'

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
  const dispatcher = createDispatcher({ db, bus, redisUrl, log, metrics })
  measureQueues(metrics.metrics, { db, bus })
  measureProviders(metrics.metrics, db)
  const signUrls = urlSigner(storage)
  const hub = createEventHub(options.streamPollMs)
  const hints = eventHints({ hub, redisUrl, prefix: bus.prefix, log })
  const tickets = eventTickets(signingSecret)
  const models = createQueryModels(db, embeddings, options.earlierEmbeddings)
  /** Jobs have changed: some may be due, and streams have something to show. */
  const onJobsChanged = (audiobookId: string | undefined) => {
    dispatcher.dispatchSoon()
    if (audiobookId !== undefined) hub.hint(audiobookId)
  }
  const app = createApp({
    ...{ log, db, storage, hub, tickets, signingSecret, corsOrigins },
    verifyToken: tokenVerifier(options.tokens),
    verifyTicket: tickets.verify,
    needed: { postgres: () => pingDb(db) },
    exposition: metrics.metrics.exposition,
    helpful: { redis: () => bus.redis.ping() },
    ...forUploads(options, { spool, sweeper }),
    ...forBooks(options, { sweeper, signUrls, onJobsChanged }),
    ...forJobs(options, onJobsChanged),
    ...clipDeps({ ...options, signUrls, sweeper, onChange: onJobsChanged }),
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
  const redriver = createRedriver({ db, log, dispatchSoon: dispatcher.dispatchSoon, isPrompt: true })
  const parts = [spool.part, sweeper, dispatcher, createCountCompactor({ db, log }), redriver, hints]
  return { app, sweeper, endStreams: hub.close, parts }
}

function forUploads(
  { db, storage, maxFileBytes }: ApiOptions,
  { spool, sweeper }: { spool: ScratchDirectory; sweeper: StorageSweeper },
): Omit<UploadRoutesDeps, 'db'> {
  const { newPath: newSpoolPath } = spool
  const arriving = createArriving()
  const inspectionTurns = takeTurns(availableParallelism())
  return {
    acceptFile: fileAcceptor({ db, storage, newSpoolPath, arriving, maxFileBytes, inspectionTurns }),
    arrivingBytes: arriving.bytesOf,
    removeUpload: (uploadId) => removeUpload({ db, removeNow: sweeper.removeNow }, uploadId),
  }
}

function forBooks(
  { db, bus, log, publicUrl }: ApiOptions,
  {
    sweeper,
    signUrls,
    onJobsChanged,
  }: { sweeper: StorageSweeper; signUrls: SignUrls; onJobsChanged: (audiobookId: string) => void },
): Omit<AudiobookRoutesDeps, 'db'> {
  const { removeNow } = sweeper
  const create: AudiobookRoutesDeps['createAudiobook'] = async (ownerId, request) => {
    const created = await createAudiobook(db, ownerId, request)
    onJobsChanged(created.audiobook_id)
    return created
  }
  return {
    createAudiobook: create,
    createAudiobooks: (ownerId, requests) => {
      const onFault = (err: Error) => log.error({ err }, 'one of a batch failed')
      return createAudiobooks(requests, (request) => create(ownerId, request), onFault)
    },
    readAudiobook: (audiobookId) => readAudiobook({ db, signUrls, publicUrl }, audiobookId),
    removeAudiobook: async (audiobookId) => {
      const announce = (jobIds: readonly string[]) => announceCancelled(bus, jobIds)
      await removeAudiobook({ db, removeNow, announceCancelled: announce }, audiobookId)
      onJobsChanged(audiobookId)
    },
  }
}

function forJobs(
  { db, bus }: ApiOptions,
  onChange: (audiobookId: string | undefined) => void,
): Omit<JobRoutesDeps & DeadLetterRoutesDeps, 'db'> {
  return {
    whyNotRunning: (jobId) => whyNotRunning(db, bus, jobId),
    redriveDeadLetter: async (id, who) => {
      const jobId = await redriveDeadLetter(db, id, who)
      onChange(await subjectOfJob(db, jobId))
      return jobId
    },
    cancelBook: async (audiobookId, who) => {
      const cancelled = await cancelBook({ db, bus }, audiobookId, who)
      onChange(audiobookId)
      return cancelled
    },
    setJobStatus: (jobId, who, body) => setJobStatus({ db, onChange }, { jobId, who, body }),
    retryJob: async (jobId, who) => {
      await redriveJob(db, jobId, who)
      onChange(await subjectOfJob(db, jobId))
    },
    cancelJob: async (jobId, who) => {
      await cancelJob({ db, bus }, jobId, who)
      onChange(await subjectOfJob(db, jobId))
    },
  }
}
