import type { Actor, Agenda, Appointment } from './agenda.ts'

/** How a server answers a request: once, now or later. */
export interface Answer<T> {
  give: (value: T) => void
  fail: (error: Error) => void
}

/** Something that servers do for others. Between its request and its answer anything may happen. */
export interface Link {
  call<T>(serve: (answer: Answer<T>) => void): Promise<T>
}

/** What happens to one request, seen from the client: chance decides when it is sent. */
export type Strike =
  | 'lose-request'
  | 'lose-answer'
  | 'kill-before'
  | 'kill-after'
  | 'freeze-before'
  | 'freeze-after'

export interface LinkOptions {
  agenda: Agenda
  random: () => number
  actor: Actor
  /** Milliseconds for one way; drawn anew for each. */
  delayMs: () => number
  /** Undefined where nothing happens to this request. */
  strike: () => Strike | undefined
  /** Does the other strikes to the process. */
  hit: (strike: 'kill' | 'freeze') => void
  /** Undefined while the server can be reached. */
  refusal: () => Error | undefined
  /** What a client is told whose connection broke, or who waited in vain. */
  broken: () => Error
  /** Who has had no answer for this long gives up. */
  patienceMs: number
}

interface Call {
  isSettled: boolean
  isLost: boolean
  reject: (error: Error) => void
  deadline: Appointment | undefined
}

/** A connection between a simulated process and a server, over which requests and answers take their time and get lost. */
export class SimulatedLink implements Link {
  readonly #options: LinkOptions
  readonly #open = new Set<Call>()

  constructor(options: LinkOptions) {
    this.#options = options
  }

  call<T>(serve: (answer: Answer<T>) => void): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const call: Call = { isSettled: false, isLost: false, reject, deadline: undefined }
    const { actor, strike: chance } = this.#options
    // What a process still does in the turn in which it is killed is never done.
    if (actor.isDead) return promise
    this.#open.add(call)
    const strike = chance()
    if (strike === 'lose-request') this.#breakOff(call)
    else this.#send(call, strike, serve, resolve)
    return promise
  }

  /** The connection breaks: what is under way may or may not have reached the server; no answer comes. */
  cut(): void {
    for (const call of this.#open) {
      call.isLost ||= this.#options.random() < 0.5
      this.#breakOff(call, true)
    }
  }

  #send<T>(
    call: Call,
    strike: Strike | undefined,
    serve: (answer: Answer<T>) => void,
    resolve: (value: T) => void,
  ): void {
    const { agenda, delayMs, hit, refusal } = this.#options
    if (strike === 'kill-before') hit('kill')
    if (strike === 'kill-before') return
    if (strike === 'freeze-before') hit('freeze')
    agenda.in(delayMs(), undefined, () => {
      if (call.isLost) return
      let isAnswered = false
      const answered = (settle: () => void) => {
        isAnswered = true
        if (strike === 'lose-answer') this.#breakOff(call)
        else this.#settle(call, settle)
      }
      const fail = (error: Error) => answered(() => call.reject(error))
      const refused = refusal()
      if (refused) fail(refused)
      else serve({ give: (value) => answered(() => resolve(value)), fail })
      // A row that is locked, or a read that blocks.
      if (!isAnswered) this.#giveUpLater(call)
      if (strike === 'kill-after') hit('kill')
      if (strike === 'freeze-after') hit('freeze')
    })
  }

  #settle(call: Call, settle: () => void): void {
    const { agenda, actor, delayMs } = this.#options
    agenda.in(delayMs(), actor, () => {
      if (call.isSettled) return
      this.#end(call)
      settle()
    })
  }

  /** Some learn of it at once, by a reset; others by waiting. */
  #breakOff(call: Call, isReset = this.#options.random() < 0.7): void {
    const { agenda, actor, patienceMs, broken } = this.#options
    agenda.in(isReset ? 1 : patienceMs, actor, () => {
      if (call.isSettled) return
      this.#end(call)
      call.reject(broken())
    })
  }

  #giveUpLater(call: Call): void {
    const { agenda, actor, patienceMs, broken } = this.#options
    call.deadline = agenda.in(patienceMs, actor, () => {
      this.#end(call)
      call.reject(broken())
    })
  }

  #end(call: Call): void {
    call.isSettled = true
    this.#open.delete(call)
    if (call.deadline) call.deadline.isCancelled = true
  }
}
