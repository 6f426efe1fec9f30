import type { RedisClient } from '../redis-client.ts'
import { frequentScript, script } from '../scripts.ts'

const part = (name: string): string => script(`limits/${name}`)

const [line, bucket, slots] = [part('line'), part('bucket'), part('slots')]

/** The text of each script, with what it builds on, by name. */
export const limitSources = {
  takeToken: line + bucket + part('take-token'),
  rejoinLine: line + bucket + part('rejoin-line'),
  learn: line + bucket + part('learn'),
  bringForward: line + bucket + part('bring-forward'),
  bucketState: line + bucket + part('bucket-state'),
  takeSlot: line + slots + part('take-slot'),
  releaseSlot: line + slots + part('release-slot'),
  slotsState: line + slots + part('slots-state'),
  renewSlots: part('renew-slots'),
  keepSlots: part('keep-slots'),
  missingWaiters: line + part('missing-waiters'),
}

export type LimitScript = keyof typeof limitSources

/** Runs one of the scripts. Rejects where Redis is away. */
export type RunScript = (
  name: LimitScript,
  keys: readonly string[],
  ...args: (string | number)[]
) => Promise<unknown>

/** The scripts about limits on this connection. */
export function limitScripts(redis: RedisClient): RunScript {
  const commands = Object.fromEntries(
    Object.entries(limitSources).map(([name, lua]) => [name, frequentScript(redis, `limits:${name}`, lua)]),
  ) as Record<LimitScript, ReturnType<typeof frequentScript>>
  return (name, keys, ...args) => commands[name](keys, args)
}
