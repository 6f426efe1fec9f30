import { type Bus, limitName, parseLimitName, streamKey } from '@app/bus'
import type { JobFacts, LimitFacts } from './reasons.ts'
import type { WhyRow } from './why-row.ts'

export type RedisFacts = Pick<JobFacts, 'isRedisThere' | 'limit' | 'ticket'>

/** What Redis knows of a queued job: where its ticket stands, and the limit that it waits for. */
export async function redisFacts(bus: Bus, row: WhyRow): Promise<RedisFacts> {
  const [limit, ticket] = await Promise.all([limitOf(bus, row), ticketOf(bus, row)])
  return { isRedisThere: true, limit, ticket }
}

/** The same as far as Postgres knows it. */
export function withoutRedis(row: WhyRow): RedisFacts {
  const place = row.dispatch_after === null ? 'waits' : 'unknown'
  return {
    isRedisThere: false,
    limit: limitWaitedFor(row),
    ticket: { at: place, sentAt: row.dispatched_at },
  }
}

async function ticketOf(bus: Bus, { queue, lane, ...row }: WhyRow): Promise<JobFacts['ticket']> {
  const sentAt = row.dispatched_at
  // Also asked where nothing stands: whether Redis answers matters for what is still to be sent.
  if (row.entry_id === null || sentAt === null) {
    await bus.redis.ping()
    return { at: row.dispatch_after === null ? 'waits' : 'on-its-way', sentAt }
  }
  const [exists] = await bus.entriesExist([
    { stream: streamKey(bus.prefix, queue, lane), entryId: row.entry_id },
  ])
  return { at: exists ? 'stands' : 'gone', sentAt }
}

async function limitOf(bus: Bus, row: WhyRow): Promise<LimitFacts | null> {
  const limit = limitWaitedFor(row)
  const key = limit && parseLimitName(limit.name)?.key
  if (!key) return limit
  if (limit.kind === 'rate') return { ...limit, state: await bus.limits.bucketState(key, row.id) }
  const { most, waiting, holders } = await bus.limits.holdersOf(key)
  return { ...limit, state: { most, waiting, holders: holders.map(({ jobId }) => jobId) } }
}

function limitWaitedFor({ waiting_for: name }: WhyRow): LimitFacts | null {
  const limit = parseLimitName(name ?? '')
  return limit ? { kind: limit.kind, name: limitName(limit) } : null
}
