import { availableParallelism } from 'node:os'
import type { Bus } from '@app/bus'
import { type Db, pingDb } from '@app/db'
import { announceCancelled, cancelJob, createDispatcher, redriveJob } from '@app/jobs'
import type { Embeddings } from '@app/language'
import type { Logger, Part } from '@app/runtime'
import type { ObjectStorage } from '@app/storage'
import { createApp } from './app.ts'
import { createAudiobook } from './books/create-audiobook.ts'
import { createAudiobooks } from './books/create-audiobooks.ts'
import { readAudiobook } from './books/read-audiobook.ts'
import { removeAudiobook } from './books/remove-audiobook.ts'
import { eventHints } from './events/event-hints.ts'
import { createEventHub } from './events/event-hub.ts'
import type { ApiApp } from './http/env.ts'
import { eventTickets } from './http/event-tickets.ts'
import { type TokenKeys, tokenVerifier } from './http/verify-token.ts'
import { setJobStatus } from './jobs/set-job-status.ts'
import { subjectOfJob } from './queries/book-jobs.ts'
import { searchBooks } from './search/search-books.ts'
import { createStorageSweeper, type StorageSweeper } from './storage-sweeper.ts'
import { fileAcceptor } from './uploads/accept-file.ts'
import { createArriving } from './uploads/arriving.ts'
import { removeUpload } from './uploads/remove-upload.ts'
import { createSpool } from './uploads/spool.ts'
import { takeTurns } from './uploads/take-turns.ts'

export interface ApiOptions {
  log: Logger
  db: Db
  bus: Bus
  redisUrl: string
  storage: ObjectStorage
  embeddings: Embeddings
  /** Files lie here while they arrive and are judged; best where storage is, if that is a disk. */
  spoolDirectory: string
  maxFileBytes: number
  tokens: TokenKeys
  /** Signs the addresses of media, and tickets for event streams. */
  signingSecret: string
  /** Where this API is reached from outside. */
  publicUrl: string
  corsOrigins: readonly string[]
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

const MEDIA_URL_LIFETIME_S = 3_600

/** Puts the API together. */
export function createApi(options: ApiOptions): Api {
  const { log, db, bus, redisUrl, storage } = options
  const publicUrl = options.publicUrl.replace(/\/+$/, '')
  const spool = createSpool(options.spoolDirectory, log)
  const sweeper = createStorageSweeper({
    db,
    log,
    removeObjects: (keys, signal) => storage.remove(keys, { signal }),
  })
  const { removeNow } = sweeper
  const dispatcher = createDispatcher({ db, bus, redisUrl, log })
  const { dispatchSoon } = dispatcher
  const hub = createEventHub(options.streamPollMs)
  const hints = eventHints({ hub, redisUrl, prefix: bus.prefix, log })
  const tickets = eventTickets(options.signingSecret)
  const arriving = createArriving()
  const createOne = createAudiobook.bind(undefined, { db, dispatchSoon })

  const onJobChange = (subjectId: string | undefined) => {
    dispatchSoon()
    if (subjectId !== undefined) hub.hint(subjectId)
  }
  const signUrls = async (objectKeys: readonly string[]) => {
    const sign = (key: string) => storage.signedUrl(key, { expiresInSeconds: MEDIA_URL_LIFETIME_S })
    return new Map(await Promise.all(objectKeys.map(async (key) => [key, await sign(key)] as const)))
  }

  const app = createApp({
    log,
    db,
    storage,
    hub,
    tickets,
    signingSecret: options.signingSecret,
    corsOrigins: options.corsOrigins,
    verifyToken: tokenVerifier(options.tokens),
    verifyTicket: tickets.verify,
    needed: { postgres: () => pingDb(db) },
    helpful: { redis: () => bus.redis.ping() },

    acceptFile: fileAcceptor({
      db,
      storage,
      newSpoolPath: spool.newPath,
      arriving,
      maxFileBytes: options.maxFileBytes,
      inspectionTurns: takeTurns(availableParallelism()),
    }),
    arrivingBytes: arriving.bytesOf,
    removeUpload: (uploadId) => removeUpload({ db, removeNow }, uploadId),

    createAudiobook: createOne,
    createAudiobooks: (ownerId, requests) =>
      createAudiobooks(
        requests,
        (request) => createOne(ownerId, request),
        (err) => log.error({ err }, 'one of a batch failed'),
      ),
    readAudiobook: (audiobookId) => readAudiobook({ db, signUrls, publicUrl }, audiobookId),
    removeAudiobook: async (audiobookId) => {
      await removeAudiobook(
        { db, removeNow, announceCancelled: (ids) => announceCancelled(bus, ids) },
        audiobookId,
      )
      hub.hint(audiobookId)
    },

    setJobStatus: (jobId, who, body) => setJobStatus({ db, onChange: onJobChange }, { jobId, who, body }),
    retryJob: async (jobId, who) => {
      await redriveJob(db, jobId, who)
      onJobChange(await subjectOfJob(db, jobId))
    },
    cancelJob: async (jobId) => {
      await cancelJob(db, bus, jobId)
      onJobChange(await subjectOfJob(db, jobId))
    },

    searchBooks: (query, scope, signal) =>
      searchBooks({ db, log, embeddings: options.embeddings }, query, scope, signal),
  })
  return { app, sweeper, endStreams: hub.close, parts: [spool.part, sweeper, dispatcher, hints] }
}
