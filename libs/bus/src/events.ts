import { setTimeout as delay } from 'node:timers/promises'
import { JobEvent } from '@app/contracts'
import { asError } from '@app/runtime'
import type { Redis } from 'ioredis'
import { connectBlocking } from './connect.ts'
import { eventsKey } from './keys.ts'

const BLOCK_MS = 5_000

interface Subscription {
  url: string
  prefix: string
  signal: AbortSignal
  onEvent: (event: JobEvent) => void
  onError: (error: Error) => void
}

/**
 * Calls `onEvent` with every job event from now on, until the signal fires. Events are hints: while Redis is away
 * they are missed, and listeners look into Postgres by themselves.
 */
export async function subscribeEvents({
  url,
  prefix,
  signal,
  onEvent,
  onError,
}: Subscription): Promise<void> {
  const redis = connectBlocking(url, onError)
  signal.addEventListener('abort', () => redis.disconnect(), { once: true })
  let last: string | undefined
  while (!signal.aborted) {
    try {
      last ??= await newestId(redis, eventsKey(prefix))
      const answer = (await redis.xread(
        'COUNT',
        500,
        'BLOCK',
        BLOCK_MS,
        'STREAMS',
        eventsKey(prefix),
        last,
      )) as [string, [string, string[]][]][] | null
      for (const [id, fields] of answer?.[0]?.[1] ?? []) {
        last = id
        tell(fields, onEvent)
      }
    } catch (error) {
      if (signal.aborted) return
      onError(asError(error))
      await delay(500, undefined, { signal }).catch(() => {})
    }
  }
}

/** Named once: reading from `$` again after every empty answer would miss what came in between. */
async function newestId(redis: Redis, stream: string): Promise<string> {
  const [newest] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1)
  return newest?.[0] ?? '0-0'
}

function tell(fields: string[], onEvent: (event: JobEvent) => void): void {
  const event = JobEvent.safeParse(parse(fields[1]))
  // An event of a newer version is somebody else's business.
  if (event.success) onEvent(event.data)
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
