/** Something that code runs in: a thread of a simulated process. Servers have none, they are never in the way. */
export interface Actor {
  readonly name: string
  /** Killed: nothing of it is done any more. */
  isDead: boolean
  /** Stopped until then: what falls due meanwhile is done after it. */
  frozenUntilMs: number
}

export interface Appointment {
  atMs: number
  readonly order: number
  readonly actor: Actor | undefined
  readonly act: () => void
  isCancelled: boolean
  /** Leaves no promises to run on. */
  isPlain: boolean
}

const setRealImmediate = setImmediate

/**
 * What happens when, by a clock that only moves from one appointment to the next. After each that an actor has kept,
 * its promises run on as far as they get before anything else happens: so a seed gives one order of events, and between
 * any two awaits of the product's own code everything else may come.
 */
export class Agenda {
  nowMs = 0
  /** Whose code runs at this moment: timers that it sets are its own. */
  actor: Actor | undefined
  #order = 0
  readonly #heap: Appointment[] = []

  at(atMs: number, actor: Actor | undefined, act: () => void): Appointment {
    this.#order += 1
    const appointment = {
      atMs: Math.max(atMs, this.nowMs),
      order: this.#order,
      actor,
      act,
      isCancelled: false,
      isPlain: false,
    }
    this.#push(appointment)
    return appointment
  }

  in(ms: number, actor: Actor | undefined, act: () => void): Appointment {
    return this.at(this.nowMs + ms, actor, act)
  }

  /** Goes on until `isOver` says so, asked after each appointment, or nothing is left to come. */
  run(isOver: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const step = (): void => {
      try {
        if (this.#keepNext(isOver)) setRealImmediate(step)
        else resolve()
      } catch (error) {
        reject(error)
      }
    }
    step()
    return promise
  }

  /** Up to the next that an actor keeps, whose promises then run on; false where it is over. */
  #keepNext(isOver: () => boolean): boolean {
    for (;;) {
      if (isOver()) return false
      const next = this.#pop()
      if (!next) return false
      if (this.#keep(next)) return true
    }
  }

  /** Returns whether code of an actor ran, of which promises may be left. */
  #keep(appointment: Appointment): boolean {
    const { actor, act } = appointment
    if (appointment.isCancelled || actor?.isDead) return false
    this.nowMs = Math.max(this.nowMs, appointment.atMs)
    if (actor && actor.frozenUntilMs > this.nowMs) {
      appointment.atMs = actor.frozenUntilMs
      this.#push(appointment)
      return false
    }
    this.actor = actor
    act()
    return actor !== undefined && !appointment.isPlain
  }

  #push(appointment: Appointment): void {
    const heap = this.#heap
    let at = heap.push(appointment) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above] as Appointment
      if (isBefore(parent, appointment)) break
      heap[at] = parent
      at = above
    }
    heap[at] = appointment
  }

  #pop(): Appointment | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Appointment, heap[below] as Appointment))
        below += 1
      if (isBefore(last, heap[below] as Appointment)) break
      heap[at] = heap[below] as Appointment
      at = below
    }
    heap[at] = last
    return first
  }
}

const isBefore = (a: Appointment, b: Appointment): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
