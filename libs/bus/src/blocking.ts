import type { Redis } from 'ioredis'
import { connectBlocking } from './connect.ts'
import { SILENCE_MS } from './connect-options.ts'
import { onNode, type RedisClient, whenReady } from './redis-client.ts'

const READY_MS = 2_000

interface BlockingOptions {
  url: string
  /** What is read; on a Cluster the connection is made to where it lies. */
  key: string
  onError: (error: Error) => void
}

/** A connection for one blocking read after another. */
export function openBlocking({ url, key, onError }: BlockingOptions) {
  const { redis, node } = connectBlocking(url, onError, key)
  let clientId: number | undefined
  redis.on('ready', () => {
    clientId = undefined
  })

  return {
    /** Rejects where Redis is away, and where it is silent for three times as long as a read may block. */
    async read<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
      await whenReady(redis, READY_MS)
      clientId ??= Number(await withWatchdog(redis, redis.client('ID')))
      return await withWatchdog(redis, command(redis))
    },

    /** Ends a read that is blocked, by a command on another connection to the same server; returns whether one was. */
    async interrupt(commands: RedisClient): Promise<boolean> {
      if (clientId === undefined) return false
      return (await onNode(commands, node())?.client('UNBLOCK', clientId)) === 1
    },

    close: () => redis.disconnect(),
  }
}

/** Drops a connection that has gone silent: it is rebuilt, and the read rejects. */
async function withWatchdog<T>(redis: Redis, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      redis.disconnect(true)
      reject(new Error(`Redis gave no answer within ${SILENCE_MS} ms`))
    }, SILENCE_MS)
  })
  try {
    return await Promise.race([answer, silence])
  } finally {
    clearTimeout(timer)
    answer.catch(() => {})
  }
}
