import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { PGlite } from '@electric-sql/pglite'
import { withoutCopyIn } from './copy-in.ts'
import { PgliteClient } from './pglite-client.ts'
import { createStatementCache } from './statement-cache.ts'
import { type Request, Turns } from './turns.ts'
import { simpleQuery, sync } from './wire.ts'

export interface PgliteServerOptions {
  port: number
  password: string
  /** A client that holds a transaction this long without a word is dropped: it blocks everybody else. */
  idleInTransactionMs: number
  /** Called when the database itself broke; the process should end and be started anew. */
  onBroken: (error: unknown) => void
}

/**
 * Lets several clients share one PGlite. Why not PGLiteSocketServer: it feeds message by message, so that two
 * clients' Parse and Bind mix in the one session there is; it waits for ever on a client that went quiet in a
 * transaction; and it stops serving after the first failure of the database.
 */
export async function servePglite(database: PGlite, options: PgliteServerOptions) {
  const { password, idleInTransactionMs, onBroken } = options
  const clients = new Set<PgliteClient>()
  const session = new SharedSession(database, idleInTransactionMs, onBroken)
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    const client = new PgliteClient(socket, {
      password,
      onRequest: (request) => session.take(request),
      onGone: (gone) => {
        clients.delete(gone)
        session.drop(gone)
      },
    })
    clients.add(client)
  })
  server.listen(options.port, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    async close(): Promise<void> {
      server.close()
      for (const client of clients) client.dismiss('57P01', 'the database is shutting down')
      await once(server, 'close')
      await session.idle()
    },
  }
}

/** PGlite's only session, used by one client at a time. */
class SharedSession {
  readonly #database: PGlite
  readonly #idleInTransactionMs: number
  readonly #onBroken: (error: unknown) => void
  readonly #turns = new Turns<PgliteClient>()
  readonly #statements = createStatementCache()
  #mustRollBack = false
  #work: Promise<void> | undefined

  constructor(database: PGlite, idleInTransactionMs: number, onBroken: (error: unknown) => void) {
    this.#database = database
    this.#idleInTransactionMs = idleInTransactionMs
    this.#onBroken = onBroken
  }

  take(request: Request<PgliteClient>): void {
    this.#turns.add(request)
    this.#wake()
  }

  drop(client: PgliteClient): void {
    if (this.#turns.drop(client)) this.#mustRollBack = true
    this.#wake()
  }

  async idle(): Promise<void> {
    await this.#work
  }

  #wake(): void {
    this.#work ??= this.#serve()
      .catch(this.#onBroken)
      .finally(() => {
        this.#work = undefined
      })
  }

  async #serve(): Promise<void> {
    while (true) {
      if (this.#mustRollBack) await this.#rollBack()
      const request = this.#turns.next()
      if (!request) break
      await this.#answer(request)
      this.#turns.done(request, this.#database.isInTransaction())
    }
    this.#turns.holder?.expectWord(this.#idleInTransactionMs)
  }

  async #answer({ client, bytes, isOpen }: Request<PgliteClient>): Promise<void> {
    const rewritten = this.#statements.rewrite(bytes)
    const onAnswer = rewritten?.onAnswer ?? ((piece) => piece)
    await this.#execute(rewritten?.bytes ?? withoutCopyIn(bytes), (answer) => client.send(onAnswer(answer)))
    await this.#tidy(isOpen)
  }

  async #tidy(isRequestOpen: boolean): Promise<void> {
    const state = this.#database.isInTransaction() ? 'in transaction' : 'free'
    const tidying = this.#statements.tidy(isRequestOpen ? 'in request' : state)
    if (tidying) await this.#execute(tidying, () => {})
  }

  /** The client may have gone in the middle of a request, which Sync would commit; after an error only Sync is heard. */
  async #rollBack(): Promise<void> {
    this.#mustRollBack = false
    const rollback = simpleQuery('rollback')
    await this.#execute(Buffer.concat([rollback, sync(), rollback]), () => {})
    await this.#tidy(false)
  }

  async #execute(bytes: Uint8Array, onRawData: (bytes: Uint8Array) => void): Promise<void> {
    // Its file system is the machine's own: written is written, there is nothing to sync.
    await this.#database.execProtocolRawStream(bytes, { syncToFs: false, onRawData })
  }
}
