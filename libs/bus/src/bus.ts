import { readFileSync } from 'node:fs'
import { type JobEvent, LANES, type Lane, MAX_TICKET_BYTES, type Ticket } from '@app/contracts'
import { asError, FatalError } from '@app/runtime'
import type { Redis } from 'ioredis'
import { cancelChannel, eventsKey, failedKey, GROUP, streamKey, wakeChannel } from './keys.ts'

/** A ticket's entry on a stream, as delivered to a consumer. The text is parsed by whoever runs it. */
export interface Delivery {
  stream: string
  entryId: string
  ticket: string
}

export interface Publication {
  queue: string
  lane: Lane
  ticket: Ticket
}

export type LeaseState = 'renewed' | 'missing' | 'lost'

export type Bus = ReturnType<typeof createBus>

const KEEP_EVENTS = 10_000
const KEEP_FAILED = 10_000

const script = (name: string): string =>
  readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')

const SCRIPTS = {
  acknowledge: script('acknowledge'),
  renew: script('renew'),
  handBack: script('hand-back'),
  removeConsumer: script('remove-consumer'),
}

/** The Redis Streams transport: publish, lease, take over, acknowledge, hand back. It knows no Postgres. */
export function createBus(redis: Redis, prefix: string) {
  const run = (name: keyof typeof SCRIPTS, stream: string, ...args: string[]): Promise<unknown> =>
    evalScript(redis, SCRIPTS[name], stream, [GROUP, ...args])

  return {
    prefix,
    redis,

    /** Adds each ticket to its lane's stream; the answer has the entry's id, or the error, of each in order. */
    async publish(publications: readonly Publication[]): Promise<(string | Error)[]> {
      if (publications.length === 0) return []
      const pipeline = redis.pipeline()
      for (const { queue, lane, ticket } of publications) {
        pipeline.xadd(streamKey(prefix, queue, lane), '*', 'ticket', encode(ticket))
      }
      const answers = (await pipeline.exec()) ?? []
      return publications.map((_, index) => {
        const [error, entryId] = answers[index] ?? [new Error('no answer')]
        return error ? asError(error) : String(entryId)
      })
    },

    /** Makes the queue's streams and their group, from the first entry on: `$` would skip what already waits. */
    async ensureGroups(queue: string): Promise<void> {
      for (const lane of LANES) {
        await redis
          .xgroup('CREATE', streamKey(prefix, queue, lane), GROUP, '0', 'MKSTREAM')
          .catch((error: Error) => {
            if (!error.message.startsWith('BUSYGROUP')) throw error
          })
      }
    },

    /** Up to `most` entries of one stream that nobody has had yet; never waits. Rejects with NOGROUP where it is gone. */
    async readNew(stream: string, consumer: string, most: number): Promise<Delivery[]> {
      const answer = await redis.xreadgroup('GROUP', GROUP, consumer, 'COUNT', most, 'STREAMS', stream, '>')
      return deliveriesOf(answer as StreamAnswer)
    },

    /** Entries of one stream whose lease has run out, now this consumer's; the cursor is followed to its end. */
    async takeOver(stream: string, consumer: string, most: number, leaseMs: number): Promise<Delivery[]> {
      const taken: Delivery[] = []
      let cursor = '0-0'
      do {
        const answer = (await redis.xautoclaim(
          stream,
          GROUP,
          consumer,
          leaseMs,
          cursor,
          'COUNT',
          most - taken.length,
        )) as [string, [string, string[] | null][], string[]]
        cursor = answer[0]
        taken.push(...toDeliveries(stream, answer[1]))
      } while (cursor !== '0-0' && taken.length < most)
      return taken
    },

    /** What became of each entry's lease. `missing` (Redis was emptied) is no reason to stop; `lost` is. */
    async renew(stream: string, consumer: string, entryIds: readonly string[]): Promise<LeaseState[]> {
      if (entryIds.length === 0) return []
      const states = (await run('renew', stream, consumer, ...entryIds)) as number[] | undefined
      return entryIds.map((_, index) => {
        const state = states?.[index] ?? 0
        return state === 1 ? 'renewed' : state === 0 ? 'missing' : 'lost'
      })
    },

    /** Acknowledges and deletes what is still this consumer's; returns how many that were. */
    async acknowledge(stream: string, consumer: string, entryIds: readonly string[]): Promise<number> {
      if (entryIds.length === 0) return 0
      return Number((await run('acknowledge', stream, consumer, ...entryIds)) ?? 0)
    },

    /** Makes entries undelivered again, so that any reader has them at once; returns how many. */
    async handBack(stream: string, consumer: string, entryIds: readonly string[]): Promise<number> {
      if (entryIds.length === 0) return 0
      return Number((await run('handBack', stream, consumer, ...entryIds)) ?? 0)
    },

    /** Takes the consumer out of the group of each of the queue's streams where nothing is pending on it. */
    async removeConsumer(queue: string, consumer: string): Promise<void> {
      for (const lane of LANES) await run('removeConsumer', streamKey(prefix, queue, lane), consumer)
    },

    /** Which of these entries still stand on their stream, delivered or not. */
    async entriesExist(entries: readonly { stream: string; entryId: string }[]): Promise<boolean[]> {
      if (entries.length === 0) return []
      const pipeline = redis.pipeline()
      for (const { stream, entryId } of entries) pipeline.xrange(stream, entryId, entryId)
      const answers = (await pipeline.exec()) ?? []
      return entries.map((_, index) => {
        const [error, found] = answers[index] ?? [new Error('no answer')]
        if (error) throw asError(error)
        return (found as unknown[]).length > 0
      })
    },

    /** Entries that wait or run, over all lanes: exact, because an acknowledgement deletes. */
    async depth(queue: string): Promise<number> {
      const lengths = await Promise.all(LANES.map((lane) => redis.xlen(streamKey(prefix, queue, lane))))
      return lengths.reduce((sum, length) => sum + length, 0)
    },

    /** Leaves a hint that something of this queue is a dead letter; the row in Postgres is the truth. */
    async hintFailed(queue: string, fields: Record<string, string>): Promise<void> {
      const flat = Object.entries(fields).flat()
      await redis.xadd(failedKey(prefix, queue), 'MAXLEN', '~', KEEP_FAILED, '*', ...flat)
    },

    async publishEvents(events: readonly JobEvent[]): Promise<void> {
      if (events.length === 0) return
      const pipeline = redis.pipeline()
      for (const event of events) {
        pipeline.xadd(eventsKey(prefix), 'MAXLEN', '~', KEEP_EVENTS, '*', 'event', JSON.stringify(event))
      }
      await pipeline.exec()
    },

    async announceCancelled(jobIds: readonly string[]): Promise<void> {
      if (jobIds.length > 0) await redis.publish(cancelChannel(prefix), JSON.stringify(jobIds))
    },

    /** Tells every dispatcher that jobs may be due. */
    async wakeDispatchers(): Promise<void> {
      await redis.publish(wakeChannel(prefix), '')
    },
  }
}

export type StreamAnswer = [stream: string, entries: [string, string[] | null][]][] | null

export const deliveriesOf = (answer: StreamAnswer): Delivery[] =>
  (answer ?? []).flatMap(([stream, entries]) => toDeliveries(stream, entries))

/** Reads XREADGROUP's and XAUTOCLAIM's entries. One deleted meanwhile comes without fields: nothing to run. */
function toDeliveries(stream: string, entries: readonly [string, string[] | null][]): Delivery[] {
  return entries.flatMap(([entryId, fields]) =>
    fields === null ? [] : [{ stream, entryId, ticket: fields[fields.indexOf('ticket') + 1] ?? '' }],
  )
}

function encode(ticket: Ticket): string {
  const text = JSON.stringify(ticket)
  if (Buffer.byteLength(text) > MAX_TICKET_BYTES) {
    throw new FatalError(
      'ticket-too-large',
      `the ticket of job ${ticket.jobId} is over ${MAX_TICKET_BYTES} bytes`,
    )
  }
  return text
}

/** Nobody's group means nobody's entries: the answer is `undefined`, and the reader makes the group anew. */
async function evalScript(redis: Redis, lua: string, key: string, args: string[]): Promise<unknown> {
  try {
    return await redis.eval(lua, 1, key, ...args)
  } catch (error) {
    if (asError(error).message.includes('NOGROUP')) return undefined
    throw error
  }
}
