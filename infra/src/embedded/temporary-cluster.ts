import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Running, startChild } from '../process/child.ts'
import { freePort } from '../process/free-port.ts'
import { postgresPrograms } from './postgres-programs.ts'

const PASSWORD = 'test'
const SETTINGS = {
  jit: 'off',
  max_connections: '200',
  shared_buffers: '128MB',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  lc_messages: 'C',
}
/** Speed instead of safety, for what is not to outlive the run, nor a crash of its server. */
const CARELESS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }

interface ClusterOptions {
  /** Made here; the folder around it is removed with us, however we go. */
  dataDir: string
  /** Whether commits must survive a crash of the server, as in production. Default false. */
  durable?: boolean
}

export interface TemporaryCluster {
  url: string
  /** Starts the server, also again after it ended; resolves when it takes connections. */
  start(): Promise<Running>
}

/** A PostgreSQL with pgvector of our own in a folder that is thrown away, or what is missing for it. */
export async function createTemporaryCluster(
  options: ClusterOptions,
): Promise<TemporaryCluster | { missing: string }> {
  const { dataDir, durable = false } = options
  const programs = postgresPrograms()
  if (!programs) return { missing: 'it is not installed' }
  if (!hasPgvector(programs)) return { missing: `${programs} has no pgvector` }
  const user = unprivilegedUser()
  createCluster(programs, dataDir, user)
  const port = await freePort()
  const settings = { ...SETTINGS, ...(durable ? {} : CARELESS) }
  return {
    url: `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`,
    start: () => startServer({ programs, dataDir, port, settings, user }),
  }
}

/** The same, careless and started. */
export async function startTemporaryCluster(
  dataDir: string,
): Promise<(Running & { url: string }) | { missing: string }> {
  const cluster = await createTemporaryCluster({ dataDir })
  return 'missing' in cluster ? cluster : { ...(await cluster.start()), url: cluster.url }
}

interface ServerOptions {
  programs: string
  dataDir: string
  port: number
  settings: Readonly<Record<string, string>>
  user: { uid: number; gid: number } | undefined
}

async function startServer({ programs, dataDir, port, settings, user }: ServerOptions): Promise<Running> {
  const ready = Promise.withResolvers<void>()
  const child = await startChild({
    command: path.join(programs, 'postgres'),
    args: [
      '-D',
      dataDir,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    ...user,
    tie: 'guard',
    // "Immediate" shutdown: there is nothing to save.
    stopSignal: 'SIGQUIT',
    afterwards: ['while kill -0 "$1" 2>/dev/null; do sleep 0.1; done', `rm -rf '${path.dirname(dataDir)}'`],
    onLine: (line) => {
      if (line.includes('ready to accept connections')) ready.resolve()
    },
  })
  const died = child.exited.then((how) => Promise.reject(new Error(`postgres ended at its start: ${how}`)))
  died.catch(() => {})
  await Promise.race([ready.promise, died])
  return child
}

function hasPgvector(programs: string): boolean {
  const shareDir = execFileSync(path.join(programs, 'pg_config'), ['--sharedir'], { timeout: 10_000 })
  return existsSync(path.join(shareDir.toString().trim(), 'extension/vector.control'))
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { timeout: 10_000 }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

function createCluster(programs: string, dataDir: string, user?: { uid: number; gid: number }): void {
  const passwordFile = `${dataDir}.password`
  mkdirSync(dataDir, { mode: 0o700 })
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 })
  if (user) {
    // mkdtemp made the folder around it for us alone; its owner must be able to pass.
    chownSync(path.dirname(dataDir), user.uid, user.gid)
    for (const file of [dataDir, passwordFile]) chownSync(file, user.uid, user.gid)
  }
  const args = ['-D', dataDir, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
  execFileSync(path.join(programs, 'initdb'), [...args, '--no-sync', '--encoding=UTF8', '--locale=C'], {
    ...user,
    stdio: 'pipe',
    timeout: 120_000,
  })
}
