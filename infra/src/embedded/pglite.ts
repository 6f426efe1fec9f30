import path from 'node:path'
import { z } from 'zod'
import { type Running, startChild } from '../process/child.ts'

export interface PgliteOptions {
  dataDir: string
  password: string
  /** 0, the default, lets the system choose. */
  port?: number
  idleInTransactionMs?: number
  onLine?: (line: string) => void
}

export interface RunningPglite extends Running {
  port: number
  url: string
}

const Ready = z.object({ port: z.int() })

/** Starts the embedded database in a process of its own; resolves when it takes connections. */
export async function startPgliteServer(options: PgliteOptions): Promise<RunningPglite> {
  const child = await startChild({
    command: process.execPath,
    args: [path.join(import.meta.dirname, 'pglite-main.ts')],
    env: {
      ...process.env,
      PGLITE_DATA_DIR: options.dataDir,
      PGLITE_PASSWORD: options.password,
      PORT: String(options.port ?? 0),
      IDLE_IN_TRANSACTION_MS: String(options.idleInTransactionMs ?? 5000),
    },
    tie: 'ipc',
    ...(options.onLine ? { onLine: options.onLine } : {}),
  })
  const { port } = Ready.parse(await child.message())
  return { ...child, port, url: `postgres://postgres:${options.password}@127.0.0.1:${port}/postgres` }
}
