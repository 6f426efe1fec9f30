import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { freePort, type RunningRedis, startRedis } from '@app/infra'
import { testServers } from './context.ts'

export interface TestRedis {
  url: string
  /** For QUEUE_PREFIX: nobody else's keys begin with it. */
  prefix: string
}

/** The Redis that all test files share, under a prefix of one's own. */
export function testRedis(): TestRedis {
  return { url: testServers().redisUrl, prefix: `test-${randomUUID()}` }
}

export interface OwnRedis extends AsyncDisposable, TestRedis {
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>
  /** Starts it again on the same port, with what it had written. */
  revive(): Promise<void>
}

/** A Redis for tests that empty it, stop it or kill it. */
export async function ownRedis(): Promise<OwnRedis> {
  const dataDir = mkdtempSync(path.join(testServers().tempDir, 'redis-'))
  const port = await freePort()
  const launch = () => startRedis({ port, password: 'test', dataDir })
  let running: RunningRedis = await launch()
  return {
    url: running.url,
    prefix: `test-${randomUUID()}`,
    kill: async () => {
      process.kill(running.pid, 'SIGKILL')
      await running.exited
    },
    revive: async () => {
      running = await launch()
    },
    [Symbol.asyncDispose]: async () => {
      await running.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
