import type { Redis } from 'ioredis'
import { connectBlocking } from './connect.ts'
import { cancelChannel, wakeChannel } from './keys.ts'

export interface HintListeners {
  bus: { prefix: string }
  url: string
  onCancelled: (jobIds: string[]) => void
  onWake: () => void
  onError: (error: Error) => void
}

/** Listens for cancelled jobs and for jobs that became due. Hints may be lost; what they say stands in Postgres. */
export function listenForHints({ bus, url, onCancelled, onWake, onError }: HintListeners): Redis {
  const { redis } = connectBlocking(url, onError)
  const [cancel, wake] = [cancelChannel(bus.prefix), wakeChannel(bus.prefix)]
  redis.on('message', (channel, message) => (channel === cancel ? onCancelled(idsIn(message)) : onWake()))
  redis.on('ready', () => void redis.subscribe(cancel, wake).catch(onError))
  return redis
}

/** Whoever may publish can send nonsense: it cancels nothing, and ends no process. */
function idsIn(message: string): string[] {
  try {
    const ids: unknown = JSON.parse(message)
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}
