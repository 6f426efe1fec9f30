import { busScripts } from './bus-scripts.ts'
import type { Bugs } from './planted-bugs.ts'
import { type Entry, RedisError, RedisStreams, type StreamWatcher } from './redis-streams.ts'

interface Blocked {
  consumer: string
  streams: readonly string[]
  give: (found: [stream: string, entries: Entry[]][]) => void
  fail: (error: Error) => void
}

/** The streams, what our scripts do with them, and the clients that are blocked in a read. */
export class RedisServer {
  readonly streams: RedisStreams
  readonly scripts: ReturnType<typeof busScripts>
  #blocked: Blocked[] = []

  constructor(clock: () => number, bugs: Bugs, watcher: StreamWatcher = {}) {
    this.streams = new RedisStreams(clock, watcher)
    this.scripts = busScripts(this.streams, bugs)
  }

  /** XREADGROUP … COUNT 1 BLOCK: what is there at once, else whatever comes first. Returns how to end the waiting. */
  block(blocked: Blocked): () => boolean {
    const found = blocked.streams
      .map((stream): [string, Entry[]] => [stream, this.streams.xreadgroup(stream, blocked.consumer, 1)])
      .filter(([, entries]) => entries.length > 0)
    if (found.length > 0) {
      blocked.give(found)
      return () => false
    }
    this.#blocked.push(blocked)
    return () => {
      const waited = this.#blocked.includes(blocked)
      this.#blocked = this.#blocked.filter((other) => other !== blocked)
      if (waited) blocked.give([])
      return waited
    }
  }

  /** To be called after each command that may have added something: who has been blocked longest is served first. */
  serveBlocked(): void {
    for (const blocked of [...this.#blocked]) {
      for (const stream of blocked.streams) {
        if (!this.streams.hasNew(stream)) continue
        const entries = this.streams.xreadgroup(stream, blocked.consumer, 1)
        this.#blocked = this.#blocked.filter((other) => other !== blocked)
        blocked.give([[stream, entries]])
        break
      }
    }
  }

  /** FLUSHALL, or DEL of one stream: its blocked readers are told. */
  lose(streams: readonly string[]): void {
    for (const stream of streams) this.streams.del(stream)
    this.#tellBlocked(streams)
  }

  loseGroup(stream: string): void {
    this.streams.xgroupDestroy(stream)
    this.#tellBlocked([stream])
  }

  /** Nobody is connected any more. */
  restart(): void {
    this.#blocked = []
  }

  #tellBlocked(streams: readonly string[]): void {
    const told = this.#blocked.filter((blocked) => blocked.streams.some((stream) => streams.includes(stream)))
    this.#blocked = this.#blocked.filter((blocked) => !told.includes(blocked))
    for (const { fail } of told) fail(new RedisError('UNBLOCKED the stream key no longer exists'))
  }
}
