import { type Child, type FaultyProxy, startChild, startFaultyProxy } from '@app/infra'
import { abortableDelay } from '@app/runtime'
import type { Servers } from './servers.ts'

/** How soon a process that ended is started again, as a supervisor would. */
const RESTART_MS = 500
/** A frozen process is woken to be stopped; one that hangs is killed. */
const STOP_TIMEOUT_MS = 15_000

/** Of one process: each goes to the servers by its own ways, which can be broken apart from the others'. */
export interface Ways {
  redis: FaultyProxy
  postgres: FaultyProxy
}

export async function openWays({ redis, postgres }: Servers): Promise<Ways> {
  const to = (url: string) => startFaultyProxy(Number(new URL(url).port))
  return { redis: await to(redis.url), postgres: await to(postgres.url) }
}

/** The server's address by another port. */
export function through(url: string, { port }: FaultyProxy): string {
  const changed = new URL(url)
  changed.port = String(port)
  return changed.href
}

export type Main = 'worker' | 'dispatcher'

interface MemberOptions {
  name: string
  main: Main
  /** Its file. */
  program: string
  knows: 'old' | 'new'
  servers: Servers
  env: Record<string, string>
  onLine: (line: string) => void
  onStart: (pid: number) => void
  /** `asked` where the campaign made it end. */
  onEnd: (pid: number, how: string, asked: boolean) => void
}

/** One place in the fleet: a process, and the next one after it ended, until it is stopped. */
export class Member {
  readonly name: string
  readonly isWorker: boolean
  readonly ways: Ways
  readonly #options: MemberOptions
  readonly #stopping = new AbortController()
  #knows: 'old' | 'new'
  #child: Child | undefined
  #isFrozen = false
  #asked = false
  #life = Promise.resolve()

  constructor(ways: Ways, options: MemberOptions) {
    this.name = options.name
    this.isWorker = options.main === 'worker'
    this.ways = ways
    this.#options = options
    this.#knows = options.knows
    this.#life = this.#live()
  }

  /** Of the process that runs now and can be hit; undefined between two, and while it is frozen. */
  get pid(): number | undefined {
    return this.#isFrozen ? undefined : this.#child?.pid
  }

  get knows(): 'old' | 'new' {
    return this.#knows
  }

  signal(name: NodeJS.Signals): void {
    this.#asked = true
    if (this.#child) process.kill(this.#child.pid, name)
  }

  /** Stops the world for this process; resolves when it goes on. */
  async freeze(durationMs: number, signal: AbortSignal): Promise<void> {
    const child = this.#child
    if (!child) return
    process.kill(child.pid, 'SIGSTOP')
    this.#isFrozen = true
    await Promise.race([abortableDelay(durationMs, signal).catch(() => {}), child.exited])
    this.#isFrozen = false
    if (this.#child === child) process.kill(child.pid, 'SIGCONT')
  }

  /** A deployment: the process is told to end, and one that knows `version` takes its place. */
  deploy(version: 'old' | 'new'): void {
    this.#knows = version
    this.signal('SIGTERM')
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#asked = true
    if (this.#child && this.#isFrozen) process.kill(this.#child.pid, 'SIGCONT')
    await this.#child?.stop()
    await this.#life
    await Promise.all([this.ways.redis, this.ways.postgres].map((way) => way[Symbol.asyncDispose]()))
  }

  async #live(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const child = await this.#launch()
      this.#asked = false
      this.#child = child
      this.#options.onStart(child.pid)
      // Told to stop while it was being started.
      if (this.#stopping.signal.aborted) await child.stop()
      const how = await child.exited
      this.#child = undefined
      this.#options.onEnd(child.pid, how, this.#asked)
      await abortableDelay(RESTART_MS, this.#stopping.signal).catch(() => {})
    }
  }

  #launch(): Promise<Child> {
    const { program, env, servers, onLine } = this.#options
    return startChild({
      command: process.execPath,
      args: [program],
      env: {
        ...env,
        CHAOS_KNOWS: this.#knows,
        REDIS_URL: through(servers.redis.url, this.ways.redis),
        DATABASE_URL: through(servers.postgres.url, this.ways.postgres),
      },
      // Not by IPC: a frozen process would not notice that we are gone.
      tie: 'guard',
      afterwards: ['kill -s KILL "$1" 2>/dev/null'],
      stopTimeoutMs: STOP_TIMEOUT_MS,
      onLine,
    })
  }
}
