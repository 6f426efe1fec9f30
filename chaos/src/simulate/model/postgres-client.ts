import type { Link } from '../engine/link.ts'
import type { Postgres, Transaction } from './postgres.ts'

/** A transaction of several statements, seen from the client. */
export interface OpenTransaction {
  ask<T>(statement: (trx: Transaction) => T): Promise<T>
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** A pool of connections to the model: each statement and each transaction has one to itself. */
export class PostgresClient {
  readonly #postgres: Postgres
  readonly #link: Link
  readonly #open = new Set<Transaction>()

  constructor(postgres: Postgres, link: Link) {
    this.#postgres = postgres
    this.#link = link
  }

  /** One statement, committed by itself. */
  async ask<T>(statement: (trx: Transaction) => T, { isAsync = false } = {}): Promise<T> {
    const trx = this.#postgres.begin()
    trx.isAsync = isAsync
    this.#open.add(trx)
    try {
      return await this.#link.call<T>(({ give }) =>
        this.#postgres.execute(trx, statement, (answer) => {
          this.#postgres.commit(trx)
          give(answer)
        }),
      )
    } finally {
      this.#open.delete(trx)
    }
  }

  /** What breaks the connection in the middle undoes it all. */
  begin(): OpenTransaction {
    const trx = this.#postgres.begin()
    this.#open.add(trx)
    const call = async <T>(serve: (give: (answer: T) => void) => void): Promise<T> => {
      try {
        return await this.#link.call<T>(({ give }) => serve(give))
      } catch (error) {
        this.#end(trx)
        throw error
      }
    }
    return {
      ask: (statement) => call((give) => this.#postgres.execute(trx, statement, give)),
      commit: () =>
        call<void>((give) => {
          this.#postgres.commit(trx)
          this.#open.delete(trx)
          give()
        }),
      rollback: async () => this.#end(trx),
    }
  }

  /** The process is gone, and the server has noticed. */
  close(): void {
    for (const trx of this.#open) this.#end(trx)
  }

  #end(trx: Transaction): void {
    this.#postgres.rollback(trx)
    this.#open.delete(trx)
  }
}
