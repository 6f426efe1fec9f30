import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { FatalError } from '@app/runtime'
import { type Running, startChild } from '../process/child.ts'

export interface RedisOptions {
  port: number
  password: string
  /** Where its append-only file lives; without it nothing is kept. */
  dataDir?: string
  /** Further lines of its configuration, after ours. */
  settings?: readonly string[]
  onLine?: (line: string) => void
}

export interface RunningRedis extends Running {
  url: string
}

/** Lines kept to say why it did not start. */
const LAST_LINES = 5

/** Starts a private redis-server on the loopback interface; resolves when it takes connections. */
export async function startRedis(options: RedisOptions): Promise<RunningRedis> {
  if (options.dataDir) mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  const ready = Promise.withResolvers<void>()
  const lastLines: string[] = []
  const child = await startChild({
    command: redisProgram(),
    // Its configuration comes on standard input: arguments, and with them the password, are for all to see.
    args: ['-'],
    input: redisConfig(options),
    tie: 'guard',
    onLine: (line) => {
      if (lastLines.push(line) > LAST_LINES) lastLines.shift()
      if (/ready to accept connections/i.test(line)) ready.resolve()
      options.onLine?.(line)
    },
  })
  const died = child.exited.then((how) => {
    throw new FatalError('redis-not-started', `redis-server ended (${how}):\n${lastLines.join('\n')}`)
  })
  died.catch(() => {})
  await Promise.race([ready.promise, died])
  return { ...child, url: `redis://:${options.password}@127.0.0.1:${options.port}` }
}

/** What users of a queue expect of Redis: at most a second lost with the machine, nothing with the process. */
export function redisConfig({ port, password, dataDir, settings = [] }: RedisOptions): string {
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    'save ""',
    // A full Redis must refuse new entries, never drop old ones.
    'maxmemory-policy noeviction',
  ]
  const kept = dataDir
    ? [`dir ${JSON.stringify(dataDir)}`, 'appendonly yes', 'appendfsync everysec']
    : ['appendonly no']
  return [...lines, ...kept, ...settings, ''].join('\n')
}

/** The installed redis-server; distributions that left Redis for Valkey call it by that name. Throws if there is none. */
export function redisProgram(): string {
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/bin',
    '/usr/local/bin',
    '/opt/homebrew/bin',
  ]
  const names = ['redis-server', 'valkey-server']
  const found = names.flatMap((name) => folders.map((it) => path.join(it, name))).find((it) => existsSync(it))
  if (!found)
    throw new FatalError('redis-not-installed', 'redis-server is not installed: `npm run setup` says how')
  return found
}
