import { connectBlocking } from './connect.ts'
import { BLOCK_MS } from './connect-options.ts'
import { cancelChannel, wakeChannel } from './keys.ts'

export interface HintListeners {
  bus: { prefix: string }
  url: string
  onCancelled: (jobIds: string[]) => void
  onWake: () => void
  onError: (error: Error) => void
}

/**
 * Listens for cancelled jobs and for jobs that became due. Hints may be lost; what they say stands in Postgres. Where
 * nothing is said nothing is heard, so it asks for a sign of life every two seconds: a connection that gives none for
 * six is rebuilt.
 */
export function listenForHints({ bus, url, onCancelled, onWake, onError }: HintListeners): {
  disconnect: () => void
} {
  const { redis } = connectBlocking(url, onError)
  const [cancel, wake] = [cancelChannel(bus.prefix), wakeChannel(bus.prefix)]
  redis.on('message', (channel, message) => (channel === cancel ? onCancelled(idsIn(message)) : onWake()))
  let isSubscribed = false
  const subscribe = async () => {
    isSubscribed = false
    await redis.subscribe(cancel, wake)
    isSubscribed = true
  }
  redis.on('ready', () => void subscribe().catch(onError))
  const timer = setInterval(() => {
    if (redis.status === 'ready') (isSubscribed ? redis.ping() : subscribe()).catch(onError)
  }, BLOCK_MS).unref()
  return {
    disconnect() {
      clearInterval(timer)
      redis.disconnect()
    },
  }
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
