/** What a stream tells of what is done to it. */
export interface StreamWatcher {
  /** An entry left the stream while somebody else had it. */
  removed?: (stream: string, entryId: string, by: string, owner: string | undefined) => void
  /** A consumer left its group while these were pending on it. */
  deletedConsumer?: (stream: string, consumer: string, pending: readonly string[]) => void
}

interface Pending {
  readonly rank: number
  consumer: string
  deliveredAtMs: number
  deliveries: number
}

interface Stream {
  /** In the order of their ids. */
  entries: Map<string, { ticket: string; rank: number }>
  lastMs: number
  lastSequence: number
  /** The one consumer group; undefined before XGROUP CREATE. */
  group: Group | undefined
}

interface Group {
  lastDelivered: number
  pending: Map<string, Pending>
  /** When each was last heard of. */
  consumers: Map<string, number>
}

export type Entry = [id: string, ticket: string]

export class RedisError extends Error {}

const noGroup = (): RedisError => new RedisError('NOGROUP No such key or consumer group')

/** A number in the order of the ids, for ids of up to a thousand entries a millisecond. */
function rankOf(id: string): number {
  const [ms = '', sequence = ''] = id.split('-')
  return Number(ms) * 1_000 + Number(sequence)
}

/** Redis' streams with one group each, command by command, as far as the product uses them. */
export class RedisStreams {
  readonly streams = new Map<string, Stream>()
  readonly #clock: () => number
  readonly #watcher: StreamWatcher

  constructor(clock: () => number, watcher: StreamWatcher = {}) {
    this.#clock = clock
    this.#watcher = watcher
  }

  xadd(key: string, ticket: string): string {
    const stream = this.#made(key)
    const ms = Math.floor(this.#clock())
    if (ms > stream.lastMs) [stream.lastMs, stream.lastSequence] = [ms, 0]
    else stream.lastSequence += 1
    const id = `${stream.lastMs}-${stream.lastSequence}`
    stream.entries.set(id, { ticket, rank: rankOf(id) })
    return id
  }

  /** XGROUP CREATE … 0 MKSTREAM; one that is there already is left alone. */
  xgroupCreate(key: string): void {
    this.#made(key).group ??= { lastDelivered: -1, pending: new Map(), consumers: new Map() }
  }

  /** XREADGROUP … COUNT count STREAMS key > */
  xreadgroup(key: string, consumer: string, count: number): Entry[] {
    const { entries, group } = this.#grouped(key)
    const nowMs = this.#clock()
    const read: Entry[] = []
    for (const [id, { ticket, rank }] of entries) {
      if (read.length >= count) break
      if (rank <= group.lastDelivered) continue
      group.lastDelivered = rank
      group.pending.set(id, { rank, consumer, deliveredAtMs: nowMs, deliveries: 1 })
      read.push([id, ticket])
    }
    // Redis 7.0 does not make a consumer of who got nothing.
    if (read.length > 0) group.consumers.set(consumer, nowMs)
    return read
  }

  /** Whose it is; undefined where it is pending on nobody. */
  ownerOf(key: string, id: string): string | undefined {
    return this.#grouped(key).group.pending.get(id)?.consumer
  }

  /** XCLAIM … 0 id IDLE idleMs JUSTID: the lease began so long ago, the count stays. */
  xclaimJustId(key: string, consumer: string, id: string, idleMs = 0): void {
    const { group } = this.#grouped(key)
    const pending = group.pending.get(id)
    if (!pending) return
    Object.assign(pending, { consumer, deliveredAtMs: this.#clock() - idleMs })
    group.consumers.set(consumer, this.#clock())
  }

  /** XAUTOCLAIM from the start on, followed to its end: what nobody has renewed for so long, up to `count`. */
  xautoclaim(key: string, consumer: string, { idleMs, count }: { idleMs: number; count: number }): Entry[] {
    const { entries, group } = this.#grouped(key)
    const nowMs = this.#clock()
    const claimed: Entry[] = []
    for (const [id, pending] of [...group.pending].sort(([, a], [, b]) => a.rank - b.rank)) {
      if (claimed.length >= count) break
      const ticket = entries.get(id)?.ticket
      // Somebody deleted it: nobody's any more, however long it has been idle.
      if (ticket === undefined) group.pending.delete(id)
      if (ticket === undefined || nowMs - pending.deliveredAtMs < idleMs) continue
      group.pending.set(id, {
        ...pending,
        consumer,
        deliveredAtMs: nowMs,
        deliveries: pending.deliveries + 1,
      })
      claimed.push([id, ticket])
    }
    if (claimed.length > 0) group.consumers.set(consumer, nowMs)
    return claimed
  }

  /** XACK and XDEL in one script. */
  xackdel(key: string, id: string, by: string): void {
    const { entries, group } = this.#grouped(key)
    this.#watcher.removed?.(key, id, by, group.pending.get(id)?.consumer)
    group.pending.delete(id)
    entries.delete(id)
  }

  /** XDEL alone, which leaves a reference pending. */
  xdel(key: string, id: string): void {
    this.streams.get(key)?.entries.delete(id)
  }

  pendingOf(key: string, consumer: string): string[] {
    return [...this.#grouped(key).group.pending]
      .filter(([, it]) => it.consumer === consumer)
      .map(([id]) => id)
  }

  /** XGROUP DELCONSUMER: what is pending on it is dropped. */
  xgroupDelConsumer(key: string, consumer: string): void {
    const { group } = this.#grouped(key)
    const dropped = this.pendingOf(key, consumer)
    this.#watcher.deletedConsumer?.(key, consumer, dropped)
    for (const id of dropped) group.pending.delete(id)
    group.consumers.delete(consumer)
  }

  /** XINFO CONSUMERS; nobody where there is no group. */
  consumersOf(key: string): { name: string; pending: number; idleMs: number }[] {
    const group = this.streams.get(key)?.group
    return [...(group?.consumers ?? [])].map(([name, seenMs]) => ({
      name,
      pending: this.pendingOf(key, name).length,
      idleMs: this.#clock() - seenMs,
    }))
  }

  exists(key: string, id: string): boolean {
    return this.streams.get(key)?.entries.has(id) ?? false
  }

  ticketOf(key: string, id: string): string | undefined {
    return this.streams.get(key)?.entries.get(id)?.ticket
  }

  /** Whether there is something that no consumer has had yet. */
  hasNew(key: string): boolean {
    const stream = this.streams.get(key)
    if (!stream?.group) return false
    for (const { rank } of stream.entries.values()) if (rank > stream.group.lastDelivered) return true
    return false
  }

  /** DEL, or all of FLUSHALL. */
  del(key: string): void {
    this.streams.delete(key)
  }

  /** XGROUP DESTROY. */
  xgroupDestroy(key: string): void {
    const stream = this.streams.get(key)
    if (stream) stream.group = undefined
  }

  #made(key: string): Stream {
    let stream = this.streams.get(key)
    if (!stream) {
      stream = { entries: new Map(), lastMs: 0, lastSequence: -1, group: undefined }
      this.streams.set(key, stream)
    }
    return stream
  }

  #grouped(key: string): Stream & { group: Group } {
    const stream = this.streams.get(key)
    if (!stream?.group) throw noGroup()
    return stream as Stream & { group: Group }
  }
}
