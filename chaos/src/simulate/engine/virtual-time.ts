import type { Agenda, Appointment } from './agenda.ts'

interface Source {
  agenda: Agenda
  random: () => number
}

/**
 * From here on timers, `performance.now` and `Math.random` of this whole process are the agenda's and the seed's, so
 * that the product's code runs as it is. Returns what brings back the real ones. What reads the date gets the real one.
 */
export function installVirtualTime({ agenda, random }: Source): () => void {
  const timers = virtualTimers(agenda)
  const real = { timeout: AbortSignal.timeout, random: Math.random }
  const kept = Object.fromEntries(Object.keys(timers).map((name) => [name, Reflect.get(globalThis, name)]))
  Object.assign(globalThis, timers)
  Math.random = random
  performance.now = () => agenda.nowMs
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController()
    timers.setTimeout(() => controller.abort(new DOMException('too late', 'TimeoutError')), ms)
    return controller.signal
  }
  return () => {
    Object.assign(globalThis, kept)
    Math.random = real.random
    AbortSignal.timeout = real.timeout
    // What was put in front of the prototype's.
    Reflect.deleteProperty(performance, 'now')
  }
}

type Callback = (...args: unknown[]) => void

function virtualTimers(agenda: Agenda) {
  return {
    setTimeout: (callback: Callback, ms = 0, ...args: unknown[]) =>
      new Timer(agenda.in(atLeast(ms, 1), agenda.actor, () => callback(...args))),
    setImmediate: (callback: Callback, ...args: unknown[]) =>
      new Timer(agenda.in(0, agenda.actor, () => callback(...args))),
    setInterval: (callback: Callback, ms = 0, ...args: unknown[]) => {
      const { actor } = agenda
      const timer = new Timer(agenda.in(atLeast(ms, 1), actor, beat))
      function beat(): void {
        timer.next = agenda.in(atLeast(ms, 1), actor, beat)
        callback(...args)
      }
      return timer
    },
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  }
}

const atLeast = (ms: number, least: number): number => (ms >= least ? ms : least)

/** What `setTimeout` returns: of a virtual one nothing keeps the process alive. */
class Timer {
  next: Appointment

  constructor(next: Appointment) {
    this.next = next
  }

  unref(): this {
    return this
  }

  ref(): this {
    return this
  }
}

function clear(timer: unknown): void {
  if (timer instanceof Timer) timer.next.isCancelled = true
}
