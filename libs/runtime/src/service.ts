import type { Logger } from './log.ts'
import { listenToProcess, type ProcessEvents, signalExitCode } from './process-events.ts'
import { withTimeout } from './time.ts'

const STOP_TIMEOUT_MS = 10_000
const SIGNAL_ECHO_MS = 500

/** Something with a lifetime: connections, a server, a worker. */
export interface Part {
  name: string
  /** Settled means usable by the parts after it. A part whose start fails cleans up after itself. */
  start?(control: PartControl): unknown
  stop?(): unknown
  /** Default 10 s. A part that takes longer is left behind, and the process exits with 1. */
  stopTimeoutMs?: number
}

export interface PartControl {
  /** Aborted when the service begins to stop, so that a start that is waiting can give up. */
  signal: AbortSignal
  /** For a part that breaks while running: the service stops in order and exits with 1. */
  fail(error: unknown): void
}

export interface ServiceOptions {
  log: Logger
  /** Started in this order, stopped in reverse. */
  parts: readonly Part[]
  /** Stop when the supervisor's IPC channel closes, so that nothing outlives a killed supervisor. Default true. */
  exitWithParent?: boolean
  /**
   * A second signal ends the process at once, but sooner than this it is an echo of the first: Ctrl-C reaches
   * the whole process group, and npm and the supervisor pass it on. Default 500 ms.
   */
  signalEchoMs?: number
  exit?: (code: number) => void
  /** Where signals and crashes come from. Default `process`. */
  signals?: ProcessEvents
}

export interface Service {
  /** Stops all parts; the same stop however often it is called. Resolves with the exit code, after `exit`. */
  stop(): Promise<number>
}

/** Starts the parts in order; from then on signals, crashes and a lost supervisor lead to one orderly stop. */
export async function runService(options: ServiceOptions): Promise<Service> {
  const run = new ServiceRun(options)
  await run.start()
  return { stop: () => run.stop('asked to') }
}

class ServiceRun {
  readonly #options: ServiceOptions
  readonly #log: Logger
  readonly #exit: (code: number) => void
  readonly #ending = new AbortController()
  readonly #started: Part[] = []
  #starting = { part: undefined as Part | undefined, done: Promise.resolve() }
  #stopping: Promise<number> | undefined
  #exitCode = 0
  #firstSignalAtMs: number | undefined
  #unlisten = () => {}

  constructor(options: ServiceOptions) {
    this.#options = options
    this.#log = options.log
    this.#exit = options.exit ?? ((code) => process.exit(code))
  }

  async start(): Promise<void> {
    this.#unlisten = listenToProcess(this.#options.signals ?? process, {
      signal: (name) => this.#onSignal(name),
      crash: (error, what) => this.#crash(error, what),
      parentGone:
        this.#options.exitWithParent === false ? undefined : () => void this.stop('supervisor is gone'),
    })
    for (const part of this.#options.parts) {
      if (this.#ending.signal.aborted) break
      this.#starting = { part, done: this.#startPart(part) }
      await this.#starting.done
    }
    if (this.#stopping !== undefined) await this.#stopping
    else this.#log.info({ parts: this.#started.map((part) => part.name) }, 'service started')
  }

  stop(reason: string): Promise<number> {
    this.#stopping ??= this.#stopAll(reason)
    return this.#stopping
  }

  /** Never rejects: a failed start is logged here and begins the stop. */
  async #startPart(part: Part): Promise<void> {
    const fail = (error: unknown) => this.#crash(error, `${part.name} failed`)
    try {
      await part.start?.({ signal: this.#ending.signal, fail })
      this.#started.push(part)
    } catch (error) {
      if (!this.#ending.signal.aborted) this.#crash(error, `${part.name} failed to start`)
      else this.#log.warn({ err: error, part: part.name }, 'start given up, the service is stopping')
    }
  }

  async #stopAll(reason: string): Promise<number> {
    this.#log.info({ reason }, 'service stopping')
    this.#ending.abort(new Error(`service is stopping: ${reason}`))
    // A start under way may still succeed, and then its part must be stopped like the others.
    const { part, done } = this.#starting
    await this.#within(part, 'start did not end', () => done)
    for (const started of this.#started.toReversed()) {
      await this.#within(started, 'stop failed', () => started.stop?.())
    }
    this.#log.info({ exitCode: this.#exitCode }, 'service stopped')
    this.#exit(this.#exitCode)
    this.#unlisten()
    return this.#exitCode
  }

  /** One part that hangs or throws must not keep the others from being stopped. */
  async #within(part: Part | undefined, complaint: string, work: () => unknown): Promise<void> {
    try {
      await withTimeout(work, part?.stopTimeoutMs ?? STOP_TIMEOUT_MS, 'part-stop-timeout')
    } catch (error) {
      this.#exitCode = 1
      this.#log.error({ err: error, part: part?.name }, complaint)
    }
  }

  #crash(error: unknown, what: string): void {
    this.#exitCode = 1
    this.#log.fatal({ err: error }, what)
    void this.stop(what)
  }

  #onSignal(name: 'SIGTERM' | 'SIGINT'): void {
    const nowMs = performance.now()
    if (this.#firstSignalAtMs === undefined) {
      this.#firstSignalAtMs = nowMs
      void this.stop(name)
    } else if (nowMs - this.#firstSignalAtMs >= (this.#options.signalEchoMs ?? SIGNAL_ECHO_MS)) {
      this.#log.warn({ signal: name }, 'second signal, not waiting any longer')
      this.#exit(signalExitCode(name))
    }
  }
}
