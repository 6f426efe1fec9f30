import { connectRedis, createBus, whenReady } from '@app/bus'
import { connectDb, type Db, pingDb, sqlState } from '@app/db'
import { errorMessage, FatalError } from '@app/runtime'
import { findServers, type Servers, type StackAddresses, withoutPassword } from './find-servers.ts'
import type { Outcome, QueueContext } from './outcome.ts'
import { parseCommand } from './parse-command.ts'
import { perform } from './perform.ts'
import { USAGE } from './usage.ts'
import { UsageError } from './values.ts'

const REDIS_PATIENCE_MS = 2_000

/** What the shell around a command gives it. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>
  /** The stack of this data directory, or of the usual one. */
  readStack: (dataDir: string | undefined) => StackAddresses | undefined
  who: string
  width: number
  print: (line: string) => void
  complain: (line: string) => void
}

/** No database to ask, with a sentence that says how to get one. */
class NoDatabaseError extends Error {}

/** Runs one command line from reading it to its exit status. Rejects only for faults of ours. */
export async function runQueueCommand(args: readonly string[], around: Surroundings): Promise<number> {
  try {
    const { command, asJson, dataDir } = parseCommand(args)
    if (command.kind === 'help') {
      around.print(USAGE)
      return 0
    }
    const servers = findServers({ env: around.env, stack: around.readStack(dataDir) })
    if (!servers) throw new NoDatabaseError(`No stack is running on ${dataDir ?? '.data'}. ${HOW_TO_START}`)
    const progress = asJson ? () => {} : around.print
    const {
      lines,
      data,
      failures = [],
    } = await withServers(servers, around, async (context) => {
      return await perform(command, { ...context, progress }).catch(refusal)
    })
    const isRefused = data === undefined && failures.length > 0
    for (const line of asJson ? (isRefused ? [] : [JSON.stringify(data)]) : lines) around.print(line)
    for (const failure of failures) around.complain(failure)
    return failures.length > 0 ? 1 : 0
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof NoDatabaseError)) throw error
    around.complain(error.message)
    if (error instanceof UsageError) around.complain('`npm run queue -- help` says what there is.')
    return error instanceof UsageError ? 2 : 3
  }
}

const HOW_TO_START =
  'Start one with `npm start`, name its folder with --data-dir, or set DATABASE_URL (and REDIS_URL).'

function refusal(error: unknown): Outcome {
  if (!(error instanceof FatalError)) throw error
  return { lines: [], data: undefined, failures: [error.message] }
}

async function withServers<T>(
  { databaseUrl, redisUrl, prefix }: Servers,
  { who, width }: Surroundings,
  work: (context: Omit<QueueContext, 'progress'>) => Promise<T>,
): Promise<T> {
  const db = connectDb(databaseUrl, { onIdleError: () => {}, maxConnections: 1 })
  const redis = redisUrl === undefined ? undefined : connectRedis(redisUrl, () => {})
  try {
    await assertDatabase(db, databaseUrl)
    const isThere =
      redis &&
      (await whenReady(redis, REDIS_PATIENCE_MS).then(
        () => true,
        () => false,
      ))
    const bus = redis && isThere ? createBus(redis, prefix) : undefined
    return await work({ db, bus, who, width })
  } catch (error) {
    if (sqlState(error) !== UNDEFINED_TABLE) throw error
    const place = withoutPassword(databaseUrl)
    throw new NoDatabaseError(
      `The database at ${place} has no tables yet: \`npm run db:migrate\` makes them.`,
    )
  } finally {
    redis?.disconnect()
    await db.destroy()
  }
}

const UNDEFINED_TABLE = '42P01'

async function assertDatabase(db: Db, url: string): Promise<void> {
  try {
    await pingDb(db)
  } catch (error) {
    const place = withoutPassword(url)
    throw new NoDatabaseError(`No database answers at ${place} (${errorMessage(error)}). ${HOW_TO_START}`, {
      cause: error,
    })
  }
}
