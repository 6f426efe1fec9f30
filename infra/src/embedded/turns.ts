/** Who may use the one database next. Pure: no sockets, no clock. */
export interface Request<Client> {
  client: Client
  bytes: Uint8Array
  /** Ended by Flush, not Sync: more of the same request follows. */
  isOpen: boolean
}

/**
 * First come, first served, except that a client inside a transaction (or a request that Sync has not ended)
 * keeps the database until it is through: there is only one session, and everybody shares it.
 */
export class Turns<Client> {
  #waiting: Request<Client>[] = []
  #holder: Client | undefined

  /** The client that the others are waiting for. */
  get holder(): Client | undefined {
    return this.#holder
  }

  add(request: Request<Client>): void {
    this.#waiting.push(request)
  }

  next(): Request<Client> | undefined {
    const holder = this.#holder
    const at = holder === undefined ? 0 : this.#waiting.findIndex((request) => request.client === holder)
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0]
  }

  done(request: Request<Client>, isInTransaction: boolean): void {
    this.#holder = isInTransaction || request.isOpen ? request.client : undefined
  }

  /** Forgets a client that is gone; true when it held the database, which must then be rolled back. */
  drop(client: Client): boolean {
    this.#waiting = this.#waiting.filter((request) => request.client !== client)
    const held = this.#holder === client
    if (held) this.#holder = undefined
    return held
  }
}
