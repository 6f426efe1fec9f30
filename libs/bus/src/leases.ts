import { LANES, type Lane } from '@app/contracts'
import { type Delivery, toDeliveries } from './deliveries.ts'
import { GROUP, streamKey } from './keys.ts'
import type { RedisClient } from './redis-client.ts'
import { type LeaseState, renewEntries } from './renew.ts'
import { evalScript, frequentScript, orNoGroup, script } from './scripts.ts'

const HAND_BACK = script('hand-back')
const RELEASE = script('release')

/** One step of a consumer of a queue. */
export interface Step {
  queue: string
  consumer: string
  /** How many entries each lane may give, highest first; what one leaves over, the others may. */
  quotas: readonly number[]
  /** Entries to acknowledge first, by stream. */
  finished?: ReadonlyMap<string, readonly string[]>
}

/** Entries that a consumer took over and can not begin. */
interface Release {
  stream: string
  consumer: string
  entryIds: readonly string[]
  leaseMs: number
}

/** Told of what nobody can mend here, to be counted. */
export interface BusObserver {
  /** Pending entries that somebody deleted from their stream: the work behind them is lost to Redis. */
  entriesDeleted?: (stream: string, entryIds: readonly string[]) => void
  /** Finished entries that were no longer this consumer's, or no longer there. */
  acknowledgementsLost?: (queue: string, count: number) => void
}

/** What a consumer may do with entries delivered to it: each step checks, inside Redis, that they are still its own. */
export function leasesOf(redis: RedisClient, prefix: string, observer: BusObserver) {
  const take = frequentScript(redis, 'take')
  const streamsOf = (queue: string) => LANES.map((lane: Lane) => streamKey(prefix, queue, lane))

  return {
    /**
     * Acknowledges and deletes what is finished, and reads what waits; never blocks. An entry that somebody else has
     * taken over is not acknowledged. Rejects with NOGROUP where the group is gone.
     */
    async take({
      queue,
      consumer,
      quotas,
      finished,
    }: Step): Promise<{ acknowledged: number; deliveries: Delivery[] }> {
      const streams = streamsOf(queue)
      const ids = streams.flatMap((stream) => {
        const done = finished?.get(stream) ?? []
        return [done.length, ...[...done].sort(byAge)]
      })
      const answer = await take(streams, [GROUP, consumer, ...quotas, ...ids])
      const [acknowledged, ...lanes] = answer as [number, ...[string, string[] | null][][]]
      const lost = streams.reduce((sum, stream) => sum + (finished?.get(stream)?.length ?? 0), -acknowledged)
      if (lost > 0) observer.acknowledgementsLost?.(queue, lost)
      return {
        acknowledged,
        deliveries: streams.flatMap((stream, lane) => toDeliveries(stream, lanes[lane] ?? [])),
      }
    },

    /** Acknowledges and deletes what is still this consumer's; returns how many that were. */
    async acknowledge(stream: string, consumer: string, entryIds: readonly string[]): Promise<number> {
      if (entryIds.length === 0) return 0
      const args = [GROUP, consumer, 0, entryIds.length, ...[...entryIds].sort(byAge)]
      const answer = await orNoGroup(take([stream], args))
      return (answer as [number] | undefined)?.[0] ?? 0
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
        if (answer[2].length > 0) observer.entriesDeleted?.(stream, answer[2])
        taken.push(...toDeliveries(stream, answer[1]).map((entry) => ({ ...entry, reclaimed: true })))
      } while (cursor !== '0-0' && taken.length < most)
      return taken
    },

    /** What became of each entry's lease. `missing` (Redis was emptied) is no reason to stop; `lost` is. */
    renew: (stream: string, consumer: string, entryIds: readonly string[]): Promise<LeaseState[]> =>
      renewEntries(redis, { stream, consumer, entryIds }),

    /**
     * Lets the next take-over have these entries, as they are; returns how many. For entries that were taken over:
     * handed back, they would come anew, and nobody would take over the run that they are from.
     */
    async release({ stream, consumer, entryIds, leaseMs }: Release): Promise<number> {
      const args = [GROUP, consumer, String(leaseMs), ...entryIds]
      return Number((await evalScript(redis, RELEASE, stream, args)) ?? 0)
    },

    /** Makes entries undelivered again, so that any reader has them at once; returns how many. */
    async handBack(stream: string, consumer: string, entryIds: readonly string[]): Promise<number> {
      if (entryIds.length === 0) return 0
      return Number((await evalScript(redis, HAND_BACK, stream, [GROUP, consumer, ...entryIds])) ?? 0)
    },
  }
}

/** Entry ids are `milliseconds-sequence`: the same number of digits until the year 2286, but for the sequence. */
function byAge(a: string, b: string): number {
  const [ms = '', sequence = ''] = a.split('-')
  const [otherMs = '', otherSequence = ''] = b.split('-')
  return Number(ms) - Number(otherMs) || Number(sequence) - Number(otherSequence)
}
