import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { freePort, type RunningRedis, startRedis } from '@app/infra'
import { Redis } from 'ioredis'
import { testServers } from './context.ts'

export const PASSWORD = 'test'

/** One redis-server that keeps its port and its data while it is killed and started again. */
export interface RedisProcess {
  readonly port: number
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>
  /** Starts it again with what it had written, and with these lines of configuration instead of the first ones. */
  revive(settings?: readonly string[]): Promise<void>
  /** It keeps its connections, takes new ones, and answers nothing until `thaw`. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** Asks it something over a connection of its own. */
  ask<T>(question: (redis: Redis) => Promise<T>): Promise<T>
  /** Ends it for good. */
  stop(): Promise<void>
}

/** Starts a server with these further lines of configuration; resolves when it takes connections. */
export async function startRedisProcess(
  settings: readonly string[] = [],
  givenPort?: number,
): Promise<RedisProcess> {
  const dataDir = mkdtempSync(path.join(testServers().tempDir, 'redis-'))
  const port = givenPort ?? (await freePort())
  const launch = (lines: readonly string[]) =>
    startRedis({ port, password: PASSWORD, dataDir, settings: lines })
  let running: RunningRedis = await launch(settings)
  const signal = async (name: NodeJS.Signals) => void process.kill(running.pid, name)
  return {
    port,
    kill: async () => {
      await signal('SIGKILL')
      await running.exited
    },
    revive: async (lines = settings) => {
      running = await launch(lines)
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    ask: (question) => askRedis({ port, password: PASSWORD }, question),
    stop: async () => {
      // A frozen one would not hear that it shall end; one that has ended already can't be thawed.
      await signal('SIGCONT').catch(() => {})
      await running.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** One question over a connection of its own; rejects after five seconds without an answer. */
export async function askRedis<T>(
  server: { port: number; password: string },
  question: (redis: Redis) => Promise<T>,
): Promise<T> {
  const redis = new Redis({
    ...server,
    host: '127.0.0.1',
    lazyConnect: true,
    retryStrategy: () => null,
    commandTimeout: 5_000,
  })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return await question(redis)
  } finally {
    redis.disconnect()
  }
}
