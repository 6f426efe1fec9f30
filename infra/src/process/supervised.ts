import { abortableDelay, errorMessage, FatalError } from '@app/runtime'
import type { Running } from './child.ts'

/** Waits before the second, third, … start in a row. The first restart is almost at once: most deaths are single. */
const FIRST_DELAY_MS = 200
const LONGEST_DELAY_MS = 10_000
/** Who lived this long starts afresh: its death is not one of a row. */
const HEALTHY_AFTER_MS = 30_000
/** This often in a row before it was ever ready means that it will never be. */
const HOPELESS_DEATHS = 3

export interface SupervisedOptions {
  name: string
  /** Starts it and resolves when it is usable. */
  launch(): Promise<Running>
  /** Told of each start (with its pid) and each end (without). */
  onChange(pid: number | undefined): void
  onDeath(how: string, restartInMs: number): void
}

/** Keeps one program running until it is stopped. */
export class Supervised {
  readonly name: string
  readonly #options: SupervisedOptions
  readonly #stopping = new AbortController()
  #running: Running | undefined
  #watch: Promise<void> = Promise.resolve()
  #deathsInRow = 0
  #isRestarting = false
  #isReady = false

  constructor(options: SupervisedOptions) {
    this.name = options.name
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#running?.pid
  }

  /** The first start must succeed; from then on it is started again whenever it ends. */
  async start(): Promise<void> {
    const running = await this.#launch()
    this.#watch = this.#keepAlive(running)
  }

  /** From here on its deaths are accidents. */
  ready(): void {
    this.#isReady = true
  }

  /** Throws when it died several times in a row without ever having been ready. */
  assertHopeful(): void {
    if (this.#isReady || this.#deathsInRow < HOPELESS_DEATHS) return
    throw new FatalError('service-keeps-dying', `${this.name} ended ${this.#deathsInRow} times at its start`)
  }

  /** Ends the present one, which counts as no death; the next takes its place at once. */
  async restart(): Promise<void> {
    this.#isRestarting = this.#running !== undefined
    await this.#running?.stop()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running?.stop()
    await this.#watch
  }

  async #launch(): Promise<Running> {
    const running = await this.#options.launch()
    this.#running = running
    this.#options.onChange(running.pid)
    return running
  }

  async #keepAlive(first: Running): Promise<void> {
    let running: Running | undefined = first
    let how = ''
    while (true) {
      if (running) how = await this.#deathOf(running)
      if (this.#stopping.signal.aborted) return
      const delayMs = this.#isRestarting ? 0 : this.#countDeath(how)
      this.#isRestarting = false
      try {
        await abortableDelay(delayMs, this.#stopping.signal)
        running = await this.#launch()
      } catch (error) {
        running = undefined
        how = errorMessage(error)
      }
      // It may have come up while we were told to stop.
      if (this.#stopping.signal.aborted) await running?.stop()
    }
  }

  #countDeath(how: string): number {
    const delayMs = restartDelayMs(this.#deathsInRow)
    this.#deathsInRow += 1
    this.#options.onDeath(how, delayMs)
    return delayMs
  }

  async #deathOf(running: Running): Promise<string> {
    const startedAtMs = performance.now()
    const how = await running.exited
    this.#running = undefined
    this.#options.onChange(undefined)
    if (performance.now() - startedAtMs > HEALTHY_AFTER_MS) this.#deathsInRow = 0
    return how
  }
}

/** Doubles from 0.2 s to 10 s, so that a service that cannot live never burns a core. */
export function restartDelayMs(deathsInRow: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** deathsInRow, LONGEST_DELAY_MS)
}
