import { type Bus, createLeaseBeat, type LeaseThread, type StartLeaseThread } from '@app/bus'
import type { Db } from '@app/db'
import {
  createJobMetrics,
  type Job,
  type JobMetrics,
  type JobStore,
  sweepConsumers,
  workerParts,
} from '@app/jobs'
import { type Logger, type Part, repeating } from '@app/runtime'
import type { Witness } from '../check/witness.ts'
import type { Actor, Agenda } from '../engine/agenda.ts'
import { SimulatedLink, type Strike } from '../engine/link.ts'
import type { Bugs } from '../model/planted-bugs.ts'
import type { Postgres } from '../model/postgres.ts'
import { PostgresClient } from '../model/postgres-client.ts'
import type { RedisServer } from '../model/redis-server.ts'
import { type HintListener, simulatedBus } from '../model/simulated-bus.ts'
import { simulatedJobStore } from '../model/simulated-job-store.ts'
import { type Input, PLAIN, SAVED, workersOn } from './jobs.ts'
import type { Storm } from './plan-storm.ts'

const SLOTS = 2
const GRACE_MS = 2_000
/** A supervisor waits no longer for a process that stops. */
const STOP_WITHIN_MS = 40_000
const NOTICED_MS = 5
const SWEPT_AFTER_MS = 300

/** Parts that have nothing to do here: they would ask a database that is not there. */
const IDLE_PARTS = new Set([
  'count compactor',
  'redriver',
  'slots of limits',
  'lines of limits',
  'consumer sweeper',
])
const NO_DATABASE = {} as Db

/** Where a process finds itself. */
export interface Surroundings {
  agenda: Agenda
  random: () => number
  bugs: Bugs
  storm: Storm
  types: ReadonlySet<string>
  snoozed: Map<string, number>
  log: Logger
  redis: RedisServer
  postgres: Postgres
  witness: Witness
  isDown: Record<'redis' | 'postgres', boolean>
  tell: (line: () => string) => void
  delayMs: () => number
  freezeMs: () => number
  /** Whether something happens to the request that this process is about to send. */
  strike: (process: SimulatedProcess, server: string) => Strike | undefined
  announce: (jobIds: string[]) => void
  ended: (process: SimulatedProcess) => void
}

/** A worker process: the product's own parts, in a world where everything else is a model. */
export class SimulatedProcess {
  readonly name: string
  readonly main: Actor
  readonly thread: Actor
  /** The fences of the runs that its code is at. */
  readonly running = new Map<string, number>()
  readonly #world: Surroundings
  readonly #links: Record<'commands' | 'reader' | 'leases' | 'postgres', SimulatedLink>
  readonly #client: PostgresClient
  #reconnected = new Set<() => void>()
  #listeners = new Set<HintListener>()
  #parts: Part[] = []

  constructor(world: Surroundings, name: string) {
    this.#world = world
    this.name = name
    this.main = { name, isDead: false, frozenUntilMs: 0 }
    this.thread = { name: `${name}'s leases`, isDead: false, frozenUntilMs: 0 }
    this.#links = {
      commands: this.#link('redis', this.main, 5_000),
      reader: this.#link('redis', this.main, 6_000),
      leases: this.#link('redis', this.thread, 5_000),
      postgres: this.#link('postgres', this.main, 35_000),
    }
    this.#client = new PostgresClient(world.postgres, this.#links.postgres)
  }

  get isDead(): boolean {
    return this.main.isDead
  }

  get isFrozen(): boolean {
    return this.main.frozenUntilMs > this.#world.agenda.nowMs
  }

  start(): void {
    this.#world.agenda.in(0, this.main, () => void this.#begin())
  }

  /** SIGKILL. */
  kill(): void {
    if (this.isDead) return
    this.#world.tell(() => `${this.name} is killed`)
    this.#end()
  }

  /** SIGTERM, and SIGKILL where that takes too long. */
  stop(): void {
    const { agenda, tell } = this.#world
    tell(() => `${this.name} is told to stop`)
    agenda.in(0, this.main, () => void this.#stop())
    agenda.in(STOP_WITHIN_MS, undefined, () => this.kill())
  }

  /** SIGSTOP and SIGCONT, or a handler that blocks the event loop, which leaves the thread going. */
  freeze(ms: number, { thread = true } = {}): void {
    const untilMs = this.#world.agenda.nowMs + ms
    this.#world.tell(
      () => `${this.name} stands still for ${Math.round(ms)} ms${thread ? '' : ', but for its thread'}`,
    )
    this.main.frozenUntilMs = Math.max(this.main.frozenUntilMs, untilMs)
    if (thread) this.thread.frozenUntilMs = Math.max(this.thread.frozenUntilMs, untilMs)
  }

  /** Its connections to this server break, and come back. */
  cut(server: 'redis' | 'postgres'): void {
    this.#world.tell(() => `${this.name} loses its connections to ${server}`)
    const { postgres, ...redis } = this.#links
    for (const link of server === 'postgres' ? [postgres] : Object.values(redis)) link.cut()
    if (server === 'redis') this.reconnect()
  }

  /** Redis is there again. */
  reconnect(): void {
    for (const listener of this.#reconnected) this.#world.agenda.in(20, this.main, listener)
  }

  hear(jobIds: string[]): void {
    for (const { onCancelled } of this.#listeners)
      this.#world.agenda.in(this.#world.delayMs(), this.main, () => onCancelled(jobIds))
  }

  async #begin(): Promise<void> {
    const { log, storm } = this.#world
    const stage = {
      began: (job: Job<Input>) => this.#world.witness.began(this, job),
      killProcess: () => this.kill(),
      snoozed: this.#world.snoozed,
    }
    const workers = workersOn(stage, this.#world.types)
    const jobs = simulatedJobStore(this.#client, this.#world.bugs)
    const bus = this.#bus()
    const parts = workerParts(workers, undefined, {
      ...{ service: 'sim', db: NO_DATABASE, bus, redisUrl: 'redis://simulated', log },
      ...{ concurrency: SLOTS, graceMs: GRACE_MS, metrics: METRICS },
      definitions: (type) => [SAVED, PLAIN].find(({ name }) => name === type),
      simulated: {
        ...{ jobs, workerId: this.name },
        startLeaseThread: (options) => this.#startThread(options),
      },
    })
    const isWanted = ({ name }: Part) =>
      !IDLE_PARTS.has(name) && (storm.withReconciler || name !== 'reconciler')
    this.#parts = [...parts.filter(isWanted), ...this.#sweeper(jobs, bus)]
    for (const part of this.#parts) await part.start?.({ signal: NEVER, fail: () => {} })
  }

  /** The product's own sweeps once in ten minutes what did nothing for an hour. */
  #sweeper(jobs: JobStore, bus: Bus): Part[] {
    const { log, types } = this.#world
    const { sweepEveryMs: everyMs } = this.#world.storm
    if (everyMs === undefined) return []
    const work = async () => {
      await sweepConsumers({ db: NO_DATABASE, jobs, bus, queues: [...types], idleMs: SWEPT_AFTER_MS })
    }
    return [repeating({ name: 'sweeper', everyMs, log, work })]
  }

  async #stop(): Promise<void> {
    for (const part of this.#parts.toReversed()) await part.stop?.()
    this.#world.tell(() => `${this.name} has stopped`)
    this.#end()
  }

  #end(): void {
    this.main.isDead = true
    this.thread.isDead = true
    this.#world.agenda.in(NOTICED_MS, undefined, () => this.#client.close())
    this.#world.ended(this)
  }

  #bus(): Bus {
    const { world, links } = { world: this.#world, links: this.#links }
    return simulatedBus({
      redis: world.redis,
      bugs: world.bugs,
      links,
      later: (ms, act) => void world.agenda.in(ms, undefined, act),
      onReconnect: (listener) => {
        this.#reconnected.add(listener)
        return () => this.#reconnected.delete(listener)
      },
      hints: {
        cancelled: (jobIds) => world.announce([...jobIds]),
        listen: (listener) => {
          this.#listeners.add(listener)
          return { disconnect: () => this.#listeners.delete(listener) }
        },
      },
    })
  }

  /** What the thread of `LeaseKeeper` does, in an actor of its own. */
  readonly #startThread: StartLeaseThread = ({ consumer, leaseMs }) => {
    const { agenda, bugs, redis } = this.#world
    const bus = simulatedBus({
      ...{ redis, bugs, links: { commands: this.#links.leases, reader: this.#links.leases } },
      ...{ later: () => {}, onReconnect: () => () => {}, hints: NO_HINTS },
    })
    let hear = (_report: unknown): void => {}
    const beat = createLeaseBeat({
      leaseMs,
      renew: (stream, entryIds) => bus.renew(stream, consumer, entryIds),
      report: (what) => void agenda.in(0, this.main, () => hear(what)),
    })
    const thread = {
      on(event: string, listener: (report: unknown) => void) {
        if (event === 'message') hear = listener
        return thread
      },
      once: () => thread,
      unref: () => {},
      postMessage: (change: Parameters<typeof beat.apply>[0]) => {
        agenda.in(0, this.thread, () => beat.apply(change)).isPlain = true
      },
      terminate: async () => {
        this.thread.isDead = true
        return 0
      },
    }
    agenda.in(0, this.thread, beat.beat)
    return thread as unknown as LeaseThread
  }

  #link(server: 'redis' | 'postgres', actor: Actor, patienceMs: number): SimulatedLink {
    const world = this.#world
    return new SimulatedLink({
      ...{ agenda: world.agenda, random: world.random, actor, patienceMs },
      delayMs: world.delayMs,
      strike: () => world.strike(this, server),
      hit: (strike) => (strike === 'kill' ? this.kill() : this.freeze(world.freezeMs())),
      refusal: () => (world.isDown[server] ? refused(server) : undefined),
      broken: () => broken(server),
    })
  }
}

const NEVER = new AbortController().signal
const NO_HINTS = { cancelled: () => {}, listen: () => ({ disconnect: () => {} }) }
/** Shared: nobody reads it, and making one takes longer than a whole simulation. */
const METRICS: JobMetrics = createJobMetrics()

const refused = (server: string): Error =>
  Object.assign(new Error(`connect ECONNREFUSED ${server}`), { code: 'ECONNREFUSED' })
const broken = (server: string): Error =>
  Object.assign(new Error(`Connection to ${server} terminated`), { code: 'ECONNRESET' })

/** A logger that tells nobody. */
export const silent: Logger = (() => {
  const quiet = () => {}
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => log }
  return log as unknown as Logger
})()
