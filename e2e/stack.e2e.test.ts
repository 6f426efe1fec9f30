import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { processStamp, type RunningStack, readStack, startChild, startStack } from '@app/infra'
import { testDatabase, testRedis } from '@app/testkit'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const start = path.join(import.meta.dirname, '../infra/src/start.ts')
const patient = { timeout: 60_000, interval: 50 }

function pidOf(dataDir: string, name: string): number | undefined {
  return readStack(dataDir)?.services.find((service) => service.name === name)?.pid
}

/** Kills one process of the stack as the kernel would, and resolves with the one that takes its place. */
async function kill(dataDir: string, name: string): Promise<number> {
  const before = pidOf(dataDir, name) as number
  process.kill(before, 'SIGKILL')
  return vi.waitFor(() => {
    const pid = pidOf(dataDir, name)
    if (pid === undefined || pid === before) throw new Error(`${name} is not back yet`)
    return pid
  }, patient)
}

async function inDatabase<Row extends pg.QueryResultRow>(stack: RunningStack, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: stack.stack.database_url })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

async function inRedis<T>(stack: RunningStack, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(stack.stack.redis_url)
  redis.on('error', () => {})
  try {
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}

describe('a running stack', () => {
  const dataDir = path.join(folder, 'running')
  let stack: RunningStack
  beforeAll(async () => {
    stack = await startStack({ dataDir })
  })
  afterAll(() => stack?.stop())

  it('says in stack.json, to its owner only, where everything is', () => {
    expect(readStack(dataDir)).toEqual(stack.stack)
    expect(statSync(path.join(dataDir, 'stack.json')).mode & 0o777).toBe(0o600)
    expect(stack.stack.services.map(({ name }) => name)).toEqual([
      'redis',
      'postgres',
      'api',
      'downloader',
      'transcriber',
      'ai-worker',
      'embedder',
      'notifier',
    ])
  })

  it('answers on the address it names', async () => {
    expect((await fetch(`${stack.stack.api_url}/readyz`)).status).toBe(200)
  })

  it('says where each service answers, also after it was started again', async () => {
    await kill(dataDir, 'embedder')
    const answering = readStack(dataDir)?.services.filter(({ url }) => url !== undefined) ?? []
    // The new embedder listens a little after it is there.
    const statuses = await vi.waitFor(
      () => Promise.all(answering.map(async ({ url }) => (await fetch(`${url}/readyz`)).status)),
      patient,
    )

    expect(answering.map(({ name }) => name).toSorted()).toEqual(
      ['ai-worker', 'api', 'downloader', 'embedder', 'notifier', 'transcriber'].toSorted(),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
  })

  it('refuses a second start on its data, and says where it is', async () => {
    const lines: string[] = []
    const second = await startChild({
      command: process.execPath,
      args: [start, '--data-dir', dataDir, '--port', '0'],
      tie: 'ipc',
      onLine: (line) => lines.push(line),
    })

    expect(await second.exited).toBe('exit code 1')
    expect(lines.join('\n')).toContain(`already running on ${dataDir} (process ${stack.pid})`)
    expect(lines.join('\n')).toContain(stack.stack.api_url)
  })

  it('refuses a port that is taken, before it starts anything', async () => {
    const lines: string[] = []
    const port = new URL(stack.stack.api_url).port
    const other = await startChild({
      command: process.execPath,
      args: [start, '--data-dir', path.join(folder, 'other'), '--port', port],
      tie: 'ipc',
      onLine: (line) => lines.push(line),
    })

    expect(await other.exited).toBe('exit code 1')
    expect(lines.join('\n')).toContain(`Port ${port} is in use`)
  })

  it.each(['api', 'downloader', 'transcriber', 'ai-worker', 'embedder', 'notifier'])(
    'starts %s again when it was killed',
    async (name) => {
      const pid = await kill(dataDir, name)

      expect(processStamp(pid)).toBeDefined()
    },
  )

  it('brings a killed Redis back at the same address with its data', async () => {
    await inRedis(stack, (redis) => redis.set('kept', 'yes'))

    await kill(dataDir, 'redis')

    expect(await inRedis(stack, (redis) => redis.get('kept'))).toBe('yes')
  })

  it('brings a killed database back at the same address with its data', async () => {
    await inDatabase(stack, 'create table kept (n int)')
    await inDatabase(stack, 'insert into kept values (1)')

    await kill(dataDir, 'postgres')

    expect(await inDatabase(stack, 'select n from kept')).toEqual([{ n: 1 }])
  })

  it('leaves nothing running when its supervisor is killed, and goes on with its data when started again', async () => {
    const before = readStack(dataDir)?.services ?? []
    process.kill(stack.pid, 'SIGKILL')
    await stack.exited

    const userOf = (token: string) => JSON.parse(atob(token.split('.')[1] as string)).sub
    const again = await startStack({ dataDir })
    try {
      expect(before.filter(({ pid }) => processStamp(pid) !== undefined)).toEqual([])
      expect(await inDatabase(again, 'select n from kept')).toEqual([{ n: 1 }])
      expect(userOf(again.stack.admin_token)).toBe(userOf(stack.stack.admin_token))
    } finally {
      await again.stop()
    }
  })
})

it('stops everything on SIGTERM, takes stack.json away and says so', async () => {
  const dataDir = path.join(folder, 'stopped')
  const lines: string[] = []
  const stack = await startStack({ dataDir, onLine: (line) => lines.push(line) })

  await stack.stop()

  expect(await stack.exited).toBe('exit code 0')
  // What a service warns of at its start may come as late as this.
  const own = () => lines.filter((line) => !/^[a-z-]+ +warn /.test(line))
  await vi.waitFor(() => expect(own().slice(-2)).toEqual(['Stopping …', 'Stopped.']), patient)
  expect(existsSync(path.join(dataDir, 'stack.json'))).toBe(false)
  expect(stack.stack.services.filter(({ pid }) => processStamp(pid) !== undefined)).toEqual([])
})

it('uses the servers that the environment names instead of its own', async () => {
  await using database = await testDatabase()
  const redis = testRedis()
  const stack = await startStack({
    dataDir: path.join(folder, 'elsewhere'),
    env: { DATABASE_URL: database.url, REDIS_URL: redis.url, QUEUE_PREFIX: redis.prefix },
  })
  try {
    expect(stack.stack.database_url).toBe(database.url)
    expect(stack.stack.services.map(({ name }) => name)).not.toContain('postgres')
    expect(stack.stack.services.map(({ name }) => name)).not.toContain('redis')
  } finally {
    await stack.stop()
  }
})
