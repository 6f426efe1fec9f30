import { JOB_MOVES } from '@app/contracts'
import type { Job } from '@app/jobs'
import type { Commit, Held, Postgres, Row } from '../model/postgres.ts'
import type { StreamWatcher } from '../model/redis-streams.ts'
import { nameOf } from '../world/jobs.ts'

/** Somebody who runs jobs. */
export interface Runner {
  readonly name: string
  /** The fences of the runs that its code is at. */
  readonly running: Map<string, number>
}

/** Sees everything that happens, and says at once what must never. */
export class Witness implements StreamWatcher {
  violation: string | undefined
  #hasNews = true
  postgres: Postgres | undefined
  readonly #tell: (line: () => string) => void
  readonly #saves = new Map<string, number>()
  readonly #releases = new Map<string, number>()

  constructor(tell: (line: () => string) => void) {
    this.#tell = tell
  }

  /** Whether a job or a stream has changed since this was last asked. */
  takeNews(): boolean {
    const hadNews = this.#hasNews
    this.#hasNews = false
    return hadNews
  }

  savesOf(jobId: string): number {
    return this.#saves.get(jobId) ?? 0
  }

  /** Of a transaction. */
  committed({ changes, saves, writers }: Commit): void {
    this.#hasNews = true
    for (const { jobId, fence } of saves) {
      const count = (this.#saves.get(jobId) ?? 0) + 1
      this.#saves.set(jobId, count)
      this.#tell(() => `${nameOf(jobId)} saved under fence ${fence}`)
      if (count > 1) this.#accuse(`${nameOf(jobId)} was saved twice`)
    }
    for (const run of writers) this.#wrote(run, changes)
    for (const [before, after] of changes) this.#moved(before, after)
    for (const [, after] of changes) this.#released(after)
  }

  removed(stream: string, entryId: string, by: string, owner: string | undefined): void {
    this.#hasNews = true
    this.#tell(() => `${by} removes ${entryId} from ${stream}`)
    if (owner !== by) this.#accuse(`${by} acknowledged ${entryId}, which is ${owner ?? 'nobody'}'s`)
  }

  deletedConsumer(_stream: string, consumer: string, pending: readonly string[]): void {
    this.#tell(() => `${consumer} leaves its group`)
    if (pending.length > 0) this.#accuse(`${consumer} was deleted with ${pending.join(', ')} pending on it`)
  }

  /** A run's code begins; returns how to say that it has ended. */
  began(process: Runner, { id, fence }: Job<unknown>): () => void {
    this.#tell(() => `${process.name} runs ${nameOf(id)} under fence ${fence}`)
    if (process.running.get(id) === fence)
      this.#accuse(`${process.name} runs ${nameOf(id)} twice at once under fence ${fence}`)
    process.running.set(id, fence)
    return () => {
      if (process.running.get(id) === fence) process.running.delete(id)
    }
  }

  /** Who was taken over can write nothing. */
  #wrote({ jobId, fence }: Held, changes: Commit['changes']): void {
    const row = changes.find(([before]) => before.id === jobId)?.[0]
    if (row && row.fence !== fence)
      this.#accuse(`a run under fence ${fence} wrote to ${nameOf(jobId)}, whose fence is ${row.fence}`)
  }

  #moved(before: Row, after: Row): void {
    const name = nameOf(after.id)
    this.#tell(() => `${name}: ${describe(before)} → ${describe(after)}`)
    if (after.fence < before.fence) this.#accuse(`the fence of ${name} fell`)
    if (before.status === after.status) return
    if (!JOB_MOVES[before.status].includes(after.status))
      this.#accuse(`${name} moved from ${before.status} to ${after.status}`)
    if (after.status === 'running') this.#started(after)
    if (before.status === 'pending' && after.status === 'queued')
      this.#releases.set(after.id, (this.#releases.get(after.id) ?? 0) + 1)
    if ((this.#releases.get(after.id) ?? 0) > 1) this.#accuse(`${name} was released twice`)
  }

  #started(row: Row): void {
    if (this.postgres && row.run_at > this.postgres.now) this.#accuse(`${nameOf(row.id)} started early`)
    if (this.#waitsFor(row) > 0) this.#accuse(`${nameOf(row.id)} started before what it waits for had ended`)
  }

  /** Whoever completes the last job that another waits for releases that in the same transaction. */
  #released({ id, status }: Row): void {
    if (status !== 'completed') return
    for (const dependant of this.postgres?.dependants.get(id) ?? []) {
      const row = this.postgres?.rows.get(dependant)
      if (row?.status === 'pending' && this.#waitsFor(row) === 0)
        this.#accuse(`${nameOf(dependant)} waits for nothing and was not released`)
    }
  }

  #waitsFor({ id }: Row): number {
    const others = this.postgres?.dependencies.get(id) ?? []
    return others.filter((other) => this.postgres?.rows.get(other)?.status !== 'completed').length
  }

  #accuse(violation: string): void {
    this.#tell(() => `WRONG: ${violation}`)
    this.violation ??= violation
  }
}

const describe = ({ status, fence, worker_id, entry_id, dispatch_after, dispatched_at }: Row): string =>
  [
    `${status}/${fence}`,
    ...(worker_id === null ? [] : [worker_id]),
    ...(entry_id === null ? [] : [entry_id]),
    ...(dispatch_after === null ? [] : ['marked']),
    ...(dispatched_at === null ? [] : ['sent']),
  ].join(' ')
