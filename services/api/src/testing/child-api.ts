import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtPrograms } from '@app/infra'
import { JWT_SECRET } from './tokens.ts'

export type ChildApi = Awaited<ReturnType<typeof startChildApi>>

interface ChildApiOptions {
  databaseUrl: string
  redis: { url: string; prefix: string }
  /** Where a process before this one left its files. */
  directory?: string
}

/** The API as a process of its own, the way `npm start` runs it. */
export async function startChildApi({ databaseUrl, redis, directory }: ChildApiOptions) {
  const root = directory ?? mkdtempSync(join(tmpdir(), 'api-child-'))
  const programs = await builtPrograms()
  const child = fork(programs('api'), {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      // biome-ignore lint/style/noProcessEnv: a test's process finds ffmpeg where the test does.
      ...process.env,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      QUEUE_PREFIX: redis.prefix,
      STORAGE_DIR: root,
      SIGNING_SECRET: 'another secret of thirty-two characters',
      SUPABASE_JWT_SECRET: JWT_SECRET,
      PORT: '0',
      LISTEN_HOST: '127.0.0.1',
    },
  })
  let output = ''
  const { promise: port, resolve, reject } = Promise.withResolvers<number>()
  child.stdout?.on('data', (chunk) => {
    output += chunk
    const found = /"port":(\d+),"msg":"listening"/.exec(output)?.[1]
    if (found) resolve(Number(found))
  })
  const exited = once(child, 'exit')
  exited.then(() => reject(new Error(`the API ended before it listened: ${output}`)), reject)

  return {
    url: `http://127.0.0.1:${await port}`,
    pid: child.pid ?? 0,
    directory: root,
    log: () => output,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    /** As `npm start` and Kubernetes end it; answers the exit code. */
    async stop(): Promise<number | null> {
      child.kill('SIGTERM')
      await exited
      return child.exitCode
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
      if (directory === undefined) rmSync(root, { recursive: true, force: true })
    },
  }
}
