import type { EventEmitter } from 'node:events'
import { constants } from 'node:os'

/** The part of `process` that says when to end; an EventEmitter in tests. */
export type ProcessEvents = Pick<EventEmitter, 'on' | 'off'> & {
  /** Undefined where there never was an IPC channel, false once it has closed. */
  readonly connected?: boolean | undefined
}

interface Reactions {
  signal(name: 'SIGTERM' | 'SIGINT'): void
  crash(error: unknown, what: string): void
  /** Leave out to outlive the supervisor. */
  parentGone?: (() => void) | undefined
}

/** What a shell reports for a process that a signal ended: 143 for SIGTERM, 130 for SIGINT. */
export function signalExitCode(name: 'SIGTERM' | 'SIGINT'): number {
  return 128 + constants.signals[name]
}

/** Listens until the returned function is called. */
export function listenToProcess(events: ProcessEvents, reactions: Reactions): () => void {
  const listeners: Record<string, (reason?: unknown) => void> = {
    SIGTERM: () => reactions.signal('SIGTERM'),
    SIGINT: () => reactions.signal('SIGINT'),
    uncaughtException: (error) => reactions.crash(error, 'uncaught exception'),
    unhandledRejection: (reason) => reactions.crash(reason, 'unhandled rejection'),
  }
  if (reactions.parentGone) listeners.disconnect = reactions.parentGone
  for (const [event, listener] of Object.entries(listeners)) events.on(event, listener)

  // Gone while the modules were loading: the event has been and will not come again.
  if (events.connected === false) reactions.parentGone?.()
  return () => {
    for (const [event, listener] of Object.entries(listeners)) events.off(event, listener)
  }
}
