import { connectDb, type Db, inTransaction, isConnectionError } from '@app/db'
import type { FaultyProxy } from '@app/infra'
import { insertJobs } from '@app/jobs'
import { definitionOf } from '../jobs/definitions.ts'
import type { ChaosJob } from '../plan/plan-jobs.ts'

/** What shall become of a job, and whether the driver was told that it was committed. */
export interface Expectation {
  end: 'completed' | 'failed'
  acknowledged: boolean
}

/**
 * Inserts jobs as a client does, over a connection that may break at any moment, and remembers outside of Postgres
 * what it was told. An insert whose answer was lost is made again as another one, as clients do.
 */
export class Driver {
  readonly expected = new Map<string, Expectation>()
  readonly way: FaultyProxy
  readonly #db: Db

  constructor(url: string, way: FaultyProxy) {
    this.way = way
    this.#db = connectDb(url, { onIdleError: () => {}, maxConnections: 4, queryTimeoutMs: 5_000 })
  }

  /** How many jobs it was told of. */
  get acknowledged(): number {
    return [...this.expected.values()].filter((it) => it.acknowledged).length
  }

  /** Resolves with whether the commit was seen. Where it was not, these jobs may exist or not. */
  async insert(jobs: readonly ChaosJob[]): Promise<boolean> {
    let ids: ReadonlyMap<string, string> = new Map()
    const committed = await inTransaction(this.#db, async (trx) => {
      ids = (await insertJobs(trx, jobs, definitionOf)).ids
    }).then(
      () => true,
      (error) => {
        if (!isConnectionError(error)) throw error
        return false
      },
    )
    for (const { key, input } of jobs) {
      const id = ids.get(key)
      const end = endOf(input.behaviour)
      if (id !== undefined) this.expected.set(id, { end, acknowledged: committed })
    }
    return committed
  }

  async close(): Promise<void> {
    await this.#db.destroy()
    await this.way[Symbol.asyncDispose]()
  }
}

const endOf = (behaviour: ChaosJob['input']['behaviour']): Expectation['end'] =>
  behaviour === 'always-fail' || behaviour === 'exit-process' ? 'failed' : 'completed'
