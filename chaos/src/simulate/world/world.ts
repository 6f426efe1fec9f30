import { seededRandom } from '../../../../scripts/demo/book/seeded-random.ts'
import { Witness } from '../check/witness.ts'
import type { Agenda } from '../engine/agenda.ts'
import type { Strike } from '../engine/link.ts'
import type { Bugs } from '../model/planted-bugs.ts'
import { Postgres } from '../model/postgres.ts'
import { RedisServer } from '../model/redis-server.ts'
import { edgesOf, type PlannedRow, rowsOf } from './jobs.ts'
import type { Storm } from './plan-storm.ts'
import { SimulatedProcess, type Surroundings, silent } from './process.ts'

/** The servers' clocks do not begin where the processes' do. */
const EPOCH_MS = 1_700_000_000_000
const RESTART_MS = [200, 3_000] as const
const FREEZE_MS = [200, 22_000] as const

interface WorldOptions {
  seed: number
  storm: Storm
  bugs: Bugs
  /** Of the jobs that there are. */
  types: ReadonlySet<string>
  random: () => number
  agenda: Agenda
  /** Hears of all that happens, where somebody wants to. */
  trace: ((line: string) => void) | undefined
}

/** One Redis, one Postgres, and processes that come and go: all that a seed decides on. */
export class World implements Surroundings {
  readonly agenda: Agenda
  readonly random: () => number
  readonly bugs: Bugs
  readonly types: ReadonlySet<string>
  readonly storm: Storm
  readonly log = silent
  readonly redis: RedisServer
  readonly postgres: Postgres
  readonly witness: Witness
  readonly isDown = { redis: false, postgres: false }
  readonly snoozed = new Map<string, number>()
  readonly processes = new Set<SimulatedProcess>()
  /** By how much the servers' clocks are ahead. */
  redisAheadMs = 0
  postgresAheadMs = 0
  readonly #trace: WorldOptions['trace']
  readonly #weather: () => number
  #started = 0
  #toCome = 0
  #strikes = 0
  #isStormy = true

  constructor({ seed, storm, bugs, types, agenda, random, trace }: WorldOptions) {
    this.agenda = agenda
    this.random = random
    this.bugs = bugs
    this.types = types
    this.storm = storm
    this.#trace = trace
    this.#weather = seededRandom(seed ^ 0x5eed)
    this.witness = new Witness(this.tell)
    this.redis = new RedisServer(() => EPOCH_MS + agenda.nowMs + this.redisAheadMs, bugs, this.witness)
    this.postgres = new Postgres(
      () => EPOCH_MS + agenda.nowMs + this.postgresAheadMs,
      (commit) => this.witness.committed(commit),
    )
    this.witness.postgres = this.postgres
  }

  readonly tell = (line: () => string): void => {
    this.#trace?.(`${(this.agenda.nowMs / 1_000).toFixed(4).padStart(9)} ${line()}`)
  }

  readonly delayMs = (): number =>
    this.#isStormy && this.#weather() < this.storm.slowShare ? this.#weather() * 2_500 : 0.1 + this.#weather()

  freezeMs(): number {
    return between(FREEZE_MS, this.#weather())
  }

  /** Whether something happens to the request that this process is about to send. */
  strike(process: SimulatedProcess, server: string): Strike | undefined {
    const { strikes, perAwait, mostStrikes } = this.storm
    if (!this.#isStormy || this.#strikes >= mostStrikes || strikes.length === 0) return undefined
    if (this.#weather() >= perAwait) return undefined
    this.#strikes += 1
    const strike = strikes[Math.floor(this.#weather() * strikes.length)]
    this.tell(() => `${strike}: a request of ${process.name} to ${server}`)
    return strike
  }

  startProcess(): void {
    this.#started += 1
    const process = new SimulatedProcess(this, `w${this.#started}`)
    this.processes.add(process)
    this.tell(() => `${process.name} starts`)
    process.start()
  }

  /** A supervisor starts another in its place. */
  ended(process: SimulatedProcess): void {
    if (!this.processes.delete(process)) return
    this.agenda.in(between(RESTART_MS, this.#weather()), undefined, () => this.startProcess())
  }

  /** Hints are published once, to whoever listens at that moment. */
  announce(jobIds: string[]): void {
    for (const process of this.processes) process.hear(jobIds)
  }

  /** Each with all it waits for. */
  insert(planned: readonly PlannedRow[]): void {
    this.#toCome = planned.length
    for (const [atMs, rows] of Map.groupBy(planned.entries(), ([, { atMs }]) => atMs)) {
      this.agenda.at(atMs, undefined, () => {
        this.#toCome -= rows.length
        this.postgres.insert(rowsOf(rows, this.postgres.now), edgesOf(rows))
      })
    }
  }

  /** Whether there are jobs yet to be inserted. */
  get hasMoreToCome(): boolean {
    return this.#toCome > 0
  }

  calmDown(): void {
    this.tell(() => 'nothing breaks any more')
    this.#isStormy = false
    this.isDown.redis = false
    this.isDown.postgres = false
  }
}

export const between = ([least, most]: readonly [number, number], share: number): number =>
  least + share * (most - least)
