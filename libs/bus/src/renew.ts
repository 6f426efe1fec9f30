import { GROUP } from './keys.ts'
import type { RedisClient } from './redis-client.ts'
import { evalScript, script } from './scripts.ts'

export type LeaseState = 'renewed' | 'missing' | 'lost'

const RENEW = script('renew')
/** A script holds up every other client of Redis for as long as it runs: about half a millisecond for these. */
const MOST_AT_ONCE = 500

interface Renewal {
  stream: string
  consumer: string
  entryIds: readonly string[]
}

/** What became of each entry's lease. `missing` (Redis was emptied) is no reason to stop; `lost` is. */
export async function renewEntries(
  redis: RedisClient,
  { stream, consumer, entryIds }: Renewal,
): Promise<LeaseState[]> {
  const states: LeaseState[] = []
  for (let first = 0; first < entryIds.length; first += MOST_AT_ONCE) {
    const some = entryIds.slice(first, first + MOST_AT_ONCE)
    const answer = (await evalScript(redis, RENEW, stream, [GROUP, consumer, ...some])) as
      | number[]
      | undefined
    for (const index of some.keys()) states.push(stateOf(answer?.[index] ?? 0))
  }
  return states
}

const stateOf = (answer: number): LeaseState => (answer === 1 ? 'renewed' : answer === 0 ? 'missing' : 'lost')
