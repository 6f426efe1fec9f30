import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type RunningStack, startStack } from '@app/infra'
import pg from 'pg'
import { type ApiClient, apiClient } from '../scripts/demo/client/api-client.ts'

/** A whole stack on a data directory of its own, as a user would have it, and what tests ask of it. */
export interface StackUnderTest extends AsyncDisposable {
  readonly dataDir: string
  readonly running: RunningStack
  readonly api: ApiClient
  /** For what only the database tells, such as how often something was done. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>
  /** Every file that storage and unfinished uploads hold. */
  storedFiles(): string[]
  /** A folder for the test's own files, gone with the stack. */
  workFolder(name: string): string
  /** Starts it again after it ended, on the same data. */
  startAgain(): Promise<void>
}

export async function stackUnderTest(env: Record<string, string> = {}): Promise<StackUnderTest> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'e2e-'))
  const dataDir = path.join(folder, 'data')
  let running = await startStack({ dataDir, env })
  let api = clientOf(running)
  return {
    dataDir,
    get running() {
      return running
    },
    get api() {
      return api
    },
    query: (sql, values) => query(running.stack.database_url, sql, values),
    storedFiles: () => filesIn(path.join(dataDir, 'storage')),
    workFolder: (name) => {
      const made = path.join(folder, name)
      mkdirSync(made, { recursive: true })
      return made
    },
    async startAgain() {
      running = await startStack({ dataDir, env })
      api = clientOf(running)
    },
    async [Symbol.asyncDispose]() {
      await running.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function clientOf({ stack }: RunningStack): ApiClient {
  return apiClient({ url: stack.api_url, token: stack.admin_token })
}

async function query<Row extends pg.QueryResultRow>(
  connectionString: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString })
  // The database may be killed while we ask: that is the query's failure, not the process's.
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Row>(sql, values)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
}
