import type { JobStatus, Lane } from '@app/contracts'
import type { JobRow } from '@app/jobs'

/** A row of processing_jobs, as far as the life of a job reads it; times are milliseconds of the server's clock. */
export interface Row {
  readonly id: string
  readonly type: string
  readonly version: number
  readonly queue: string
  readonly lane: Lane
  readonly owner_id: string
  readonly input: unknown
  readonly max_attempts: number
  status: JobStatus
  fence: number
  attempts: number
  crashes: number
  crashes_alone: number
  alone: boolean
  hand_backs: number
  snoozes: number
  deliveries: number
  worker_id: string | null
  entry_id: string | null
  waiting_on: number
  run_at: number
  dispatch_after: number | null
  dispatched_at: number | null
  started_at: number | null
  updated_at: number
}

/** A run, by what its writes name. */
export interface Held {
  jobId: string
  fence: number
}

export interface WorkerRow {
  concurrency: number
  queues: readonly string[]
  beatAt: number
}

/** What a committed transaction changed. */
export interface Commit {
  changes: readonly (readonly [before: Row, after: Row])[]
  /** What was saved, by which runs. */
  saves: readonly Held[]
  /** The runs that wrote to their jobs' rows. */
  writers: readonly Held[]
}

/** Thrown by a statement that needs a row which another transaction has locked. */
class Blocked {
  readonly holder: Transaction

  constructor(holder: Transaction) {
    this.holder = holder
  }
}

/** What a statement sees and does: everything committed, what its own transaction has written, and row locks. */
export class Transaction {
  readonly #postgres: Postgres
  readonly writes = new Map<string, Row>()
  /** Ids of rows. */
  readonly locked: string[] = []
  readonly saves: Held[] = []
  readonly writers: Held[] = []
  /** Nobody waits for it to reach the disk, so that a crash may lose it. */
  isAsync = false
  isOpen = true

  constructor(postgres: Postgres) {
    this.#postgres = postgres
  }

  get now(): number {
    return this.#postgres.now
  }

  get workers(): Map<string, WorkerRow> {
    return this.#postgres.workers
  }

  get(id: string): Row | undefined {
    return this.writes.get(id) ?? this.#postgres.rows.get(id)
  }

  /** In id order. */
  rows(where: (row: Row) => boolean): Row[] {
    const found: Row[] = []
    for (const id of this.#postgres.rows.keys()) {
      const row = this.get(id)
      if (row && where(row)) found.push(row)
    }
    return found
  }

  dependantsOf(id: string): readonly string[] {
    return this.#postgres.dependants.get(id) ?? []
  }

  dependenciesOf(id: string): readonly string[] {
    return this.#postgres.dependencies.get(id) ?? []
  }

  /** FOR UPDATE: waits for whoever has it. The statement begins anew then, and sees what that one has done. */
  lock(id: string): void {
    if (!this.tryLock(id)) throw new Blocked(this.#postgres.locks.get(id) as Transaction)
  }

  /** FOR UPDATE SKIP LOCKED: false where another has it. */
  tryLock(id: string): boolean {
    const holder = this.#postgres.locks.get(id)
    if (holder !== undefined && holder !== this) return false
    if (holder === undefined) {
      this.#postgres.locks.set(id, this)
      this.locked.push(id)
    }
    return true
  }

  /** pg_try_advisory_xact_lock, of which there is one. */
  tryAdvisoryLock(): boolean {
    return this.tryLock('advisory')
  }

  update(row: Row, set: Partial<Row>): Row {
    this.lock(row.id)
    const after = { ...row, ...set, updated_at: this.now }
    this.writes.set(row.id, after)
    return after
  }
}

interface Waiting {
  holder: Transaction
  again: () => void
}

/** One table, its locks and its transactions, as READ COMMITTED has them. */
export class Postgres {
  readonly rows = new Map<string, Row>()
  readonly dependants = new Map<string, string[]>()
  readonly dependencies = new Map<string, string[]>()
  readonly workers = new Map<string, WorkerRow>()
  readonly locks = new Map<string, Transaction>()
  readonly #clock: () => number
  readonly #onCommit: (commit: Commit) => void
  #waiting: Waiting[] = []
  #unflushed: Row[] = []
  readonly #open = new Set<Transaction>()

  constructor(clock: () => number, onCommit: (commit: Commit) => void = () => {}) {
    this.#clock = clock
    this.#onCommit = onCommit
  }

  get now(): number {
    return this.#clock()
  }

  /** In id order, with all they depend on. */
  insert(rows: readonly Row[], edges: readonly (readonly [jobId: string, dependsOn: string])[] = []): void {
    const all = [...this.rows.values(), ...rows].sort((a, b) => (a.id < b.id ? -1 : 1))
    this.rows.clear()
    for (const row of all) this.rows.set(row.id, row)
    for (const [jobId, dependsOn] of edges) {
      this.dependants.set(dependsOn, [...(this.dependants.get(dependsOn) ?? []), jobId].sort())
      this.dependencies.set(jobId, [...(this.dependencies.get(jobId) ?? []), dependsOn])
    }
  }

  begin(): Transaction {
    const transaction = new Transaction(this)
    this.#open.add(transaction)
    return transaction
  }

  /** Runs one statement, at once or when the row that it needs is free. It must change nothing before it has its locks. */
  execute<T>(transaction: Transaction, statement: (trx: Transaction) => T, done: (answer: T) => void): void {
    if (!transaction.isOpen) return
    let answer: T
    try {
      answer = statement(transaction)
    } catch (thrown) {
      if (!(thrown instanceof Blocked)) throw thrown
      const again = () => this.execute(transaction, statement, done)
      this.#waiting.push({ holder: thrown.holder, again })
      return
    }
    done(answer)
  }

  commit(transaction: Transaction): void {
    if (!transaction.isOpen) return
    if (transaction.writes.size > 0) this.#publish(transaction)
    this.#end(transaction)
  }

  #publish(transaction: Transaction): void {
    const changes = [...transaction.writes].map(([id, after]) => [this.rows.get(id) as Row, after] as const)
    for (const [, after] of changes) this.rows.set(after.id, after)
    // The log is written in order: what waits for the disk takes along what did not.
    if (!transaction.isAsync) this.#unflushed = []
    else this.#unflushed.push(...changes.map(([before]) => before))
    this.#onCommit({ changes, saves: transaction.saves, writers: transaction.writers })
  }

  rollback(transaction: Transaction): void {
    if (transaction.isOpen) this.#end(transaction)
  }

  /** Open transactions are undone, and of the commits that nobody waited for the last are lost. */
  crash(): void {
    this.#waiting = []
    for (const transaction of [...this.#open]) this.rollback(transaction)
    for (const before of this.#unflushed.toReversed()) this.rows.set(before.id, before)
    this.#unflushed = []
  }

  #end(transaction: Transaction): void {
    transaction.isOpen = false
    this.#open.delete(transaction)
    if (transaction.locked.length === 0) return
    for (const id of transaction.locked) this.locks.delete(id)
    if (this.#waiting.length === 0) return
    const woken = this.#waiting.filter(({ holder }) => holder === transaction)
    this.#waiting = this.#waiting.filter(({ holder }) => holder !== transaction)
    for (const { again } of woken) again()
  }
}

/** What the product gets to see of it. */
export const asJobRow = (row: Row): JobRow =>
  ({
    ...row,
    ...ABSENT,
    subject_id: row.owner_id,
    run_at: new Date(row.run_at),
    updated_at: new Date(row.updated_at),
    started_at: row.started_at === null ? null : new Date(row.started_at),
  }) as unknown as JobRow

const ABSENT = {
  subject_kind: 'sim',
  chapter_id: null,
  submitted_result: null,
  parent_id: null,
  traceparent: null,
}
