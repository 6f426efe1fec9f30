import { appendFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { buildPrograms } from '@app/infra'
import type { Lifetime } from '../check/restart-times.ts'
import { type Main, Member, openWays } from './member.ts'
import type { Servers } from './servers.ts'

/** Jobs of each queue that run at once in each process. */
export const CONCURRENCY = 4
const MAINS: Record<Main, string> = {
  worker: path.join(import.meta.dirname, 'worker-main.ts'),
  dispatcher: path.join(import.meta.dirname, 'dispatcher-main.ts'),
}
/** Short, so that longer jobs are handed back when a worker is told to stop. */
const GRACE_MS = 1_500
/** What libs/jobs logs for each write that was dropped because its run had lost the job. */
const ZOMBIE_LINE = 'this run had lost its job'

export interface FleetOptions {
  servers: Servers
  workers: number
  prefix: string
  /** For what is built for the processes, and caches of their own. */
  folder: string
  logDir: string | undefined
  /** A process ended without anybody having asked it to. */
  onAccident: (name: string, how: string) => void
}

/** The processes of the campaign: workers of two versions, and a dispatcher that runs nothing. */
export class Fleet {
  readonly members: Member[] = []
  /** Of the workers' processes, in `performance.now()`. */
  readonly lifetimes: Lifetime[] = []
  readonly #options: FleetOptions
  #zombies = 0

  constructor(options: FleetOptions) {
    this.#options = options
    if (options.logDir) mkdirSync(options.logDir, { recursive: true })
  }

  get workers(): Member[] {
    return this.members.filter((member) => member.isWorker)
  }

  /** Writes of runs that had lost their job, as far as the processes could still say. */
  get zombies(): number {
    return this.#zombies
  }

  async start(): Promise<void> {
    await buildPrograms(MAINS, this.#programs)
    for (let index = 0; index < this.#options.workers; index += 1) {
      await this.#add(`worker-${index + 1}`, 'worker', index % 2 === 0 ? 'new' : 'old')
    }
    await this.#add('dispatcher', 'dispatcher', 'new')
  }

  /** Puts the newest version everywhere. */
  upgrade(): void {
    for (const member of this.workers) if (member.knows === 'old') member.deploy('new')
  }

  /** Each is started many times. */
  get #programs(): string {
    return path.join(this.#options.folder, 'programs')
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()))
  }

  async #add(name: string, main: Main, knows: 'old' | 'new') {
    const { servers, prefix, folder, onAccident } = this.#options
    const member = new Member(await openWays(servers), {
      name,
      main,
      program: path.join(this.#programs, `${main}.mjs`),
      knows,
      servers,
      env: {
        PATH: process.env.PATH ?? '',
        NODE_COMPILE_CACHE: path.join(folder, 'compile-cache'),
        QUEUE_PREFIX: prefix,
        CONCURRENCY: String(CONCURRENCY),
        SHUTDOWN_GRACE_MS: String(GRACE_MS),
        LOG_LEVEL: this.#options.logDir ? 'info' : 'warn',
      },
      onLine: (line) => this.#hear(name, line),
      onStart: (pid) => {
        this.lifetimes.push({ pid, fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY })
      },
      onEnd: (pid, how, asked) => {
        const life = this.lifetimes.findLast((it) => it.pid === pid)
        if (life) life.toMs = performance.now()
        if (!asked) onAccident(name, how)
      },
    })
    this.members.push(member)
  }

  #hear(name: string, line: string): void {
    if (line.includes(ZOMBIE_LINE)) this.#zombies += 1
    if (this.#options.logDir) appendFileSync(path.join(this.#options.logDir, `${name}.log`), `${line}\n`)
  }
}
