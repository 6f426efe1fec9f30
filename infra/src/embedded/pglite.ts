import { z } from 'zod'
import { sourcePrograms } from '../built/programs.ts'
import { type Running, startChild } from '../process/child.ts'

export interface PgliteOptions {
  /** Where its program is, if not in its source. */
  program?: string
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

/**
 * V8 optimizes a function of PostgreSQL after ten times as much work as by default (Node.js 24). To start, it then takes
 * 1.0 CPU-seconds and 300 MB instead of 1.9 and 860, and it is still ahead after 4,000 transactions.
 */
const LATE_OPTIMIZING = '--wasm-tiering-budget=130000000'

/** Starts the embedded database in a process of its own; resolves when it takes connections. */
export async function startPgliteServer(options: PgliteOptions): Promise<RunningPglite> {
  const child = await startChild({
    command: process.execPath,
    args: [LATE_OPTIMIZING, options.program ?? sourcePrograms('postgres')],
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
