import { availableParallelism } from 'node:os'
import type { Db } from '@app/db'
import type { Logger, Part } from '@app/runtime'
import { type ApiApp, createApp } from './app.ts'
import { eventTickets } from './http/event-tickets.ts'
import { type TokenKeys, tokenVerifier } from './http/verify-token.ts'
import { createStorageSweeper, type StorageSweeper } from './storage-sweeper.ts'
import { fileAcceptor } from './uploads/accept-file.ts'
import { createArriving } from './uploads/arriving.ts'
import { removeUpload } from './uploads/remove-upload.ts'
import { createSpool } from './uploads/spool.ts'
import type { FileStore } from './uploads/store-file.ts'
import { takeTurns } from './uploads/take-turns.ts'

export interface ApiOptions {
  log: Logger
  db: Db
  storage: FileStore & { remove(objectKeys: readonly string[]): Promise<void> }
  /** Files lie here while they arrive and are judged. */
  spoolDirectory: string
  maxFileBytes: number
  tokens: TokenKeys
  /** Signs tickets for event streams. */
  signingSecret: string
  corsOrigins: readonly string[]
}

/** Puts the API together; `parts` must run while it is asked. */
export function createApi(options: ApiOptions): { app: ApiApp; sweeper: StorageSweeper; parts: Part[] } {
  const { log, db, storage } = options
  const spool = createSpool(options.spoolDirectory, log)
  const sweeper = createStorageSweeper({ db, log, removeObjects: (keys) => storage.remove(keys) })
  const arriving = createArriving()
  const tickets = eventTickets(options.signingSecret)
  const app = createApp({
    log,
    db,
    verifyToken: tokenVerifier(options.tokens),
    verifyTicket: tickets.verify,
    corsOrigins: options.corsOrigins,
    acceptFile: fileAcceptor({
      db,
      storage,
      newSpoolPath: spool.newPath,
      arriving,
      maxFileBytes: options.maxFileBytes,
      inspectionTurns: takeTurns(availableParallelism()),
    }),
    arrivingBytes: arriving.bytesOf,
    removeUpload: (uploadId) => removeUpload({ db, removeNow: sweeper.removeNow }, uploadId),
  })
  return { app, sweeper, parts: [spool.part, sweeper] }
}
