export { type Bus, createBus } from './bus.ts'
export { connectRedis } from './connect.ts'
export { type ConsumerOptions, type Outcome, StreamConsumer } from './consumer.ts'
export type { Delivery } from './deliveries.ts'
export { subscribeEvents } from './events.ts'
export { assertFit } from './fitness.ts'
export { listenForHints } from './hints.ts'
export { streamKey } from './keys.ts'
export { LANE_WEIGHTS } from './lane-turns.ts'
// For the simulator, which does by itself what the thread of `LeaseKeeper` does.
export { createLeaseBeat } from './lease-beat.ts'
export {
  LEASE_MS,
  type LeasedEntry,
  LeaseKeeper,
  type LeaseThread,
  type StartLeaseThread,
} from './lease-keeper.ts'
export type { BusObserver } from './leases.ts'
export type { Answer, Asker } from './limits/asker.ts'
export {
  type ConcurrencyLimit,
  checkLimit,
  type Limit,
  limitName,
  parseLimitName,
  type RateLimit,
} from './limits/limit.ts'
export type { Limits } from './limits/limits.ts'
export { type Lesson, lessonOf, type ProviderAnswer } from './limits/quota.ts'
export type { LeasedSlot } from './limits/slots.ts'
export { parseSpan, parseWait } from './limits/spans.ts'
export type { Publication } from './publish.ts'
export { openReader, type Reader } from './reader.ts'
export { parseRedisUrl } from './redis-address.ts'
export { onReconnect, type RedisClient, whenReady } from './redis-client.ts'
export type { LeaseState } from './renew.ts'
