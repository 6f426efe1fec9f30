import { setTimeout as delay } from 'node:timers/promises'
import { JobEvent } from '@app/contracts'
import { asError } from '@app/runtime'
import type { Redis } from 'ioredis'
import { openBlocking } from './blocking.ts'
import { BLOCK_MS } from './connect-options.ts'
import { eventsKey } from './keys.ts'

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
  const key = eventsKey(prefix)
  const { read, close } = openBlocking({ url, key, onError })
  signal.addEventListener('abort', close, { once: true })
  let last: string | undefined
  while (!signal.aborted) {
    try {
      const from = last ?? (await read((redis) => newestId(redis, key)))
      last = from
      const answer = await read(
        (redis) =>
          redis.xread('COUNT', 500, 'BLOCK', BLOCK_MS, 'STREAMS', key, from) as Promise<EventsAnswer>,
      )
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

type EventsAnswer = [stream: string, entries: [id: string, fields: string[]][]][] | null

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
