import { subscribeEvents } from '@app/bus'
import type { Logger, Part } from '@app/runtime'
import type { EventHub } from './event-hub.ts'

interface EventHintsOptions {
  hub: EventHub
  redisUrl: string
  prefix: string
  log: Logger
}

/** Passes on what Redis says of jobs, so that streams look at once. While Redis is away they look by themselves. */
export function eventHints({ hub, redisUrl, prefix, log }: EventHintsOptions): Part {
  const stopping = new AbortController()
  let reading: Promise<void> = Promise.resolve()
  return {
    name: 'event-hints',
    start() {
      reading = subscribeEvents({
        url: redisUrl,
        prefix,
        signal: stopping.signal,
        onEvent: (event) => hub.hint(event.subjectId),
        onError: (err) => log.debug({ err }, 'job events can not be read'),
      })
    },
    async stop() {
      stopping.abort()
      await reading
    },
  }
}
