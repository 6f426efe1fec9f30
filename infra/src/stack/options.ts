import path from 'node:path'
import { parseArgs } from 'node:util'
import { UserError } from './user-error.ts'

export interface StackOptions {
  /** Absolute. */
  dataDir: string
  /** 0 chooses a free one. */
  port: number
  watch: boolean
}

export const USAGE = `npm start -- [options]

  --port N        where the API listens (default 8080, 0 for any free port)
  --data-dir DIR  where everything is kept (default .data)
  --watch         restart a service when its files change

DATABASE_URL, REDIS_URL, SUPABASE_URL and the other variables of .env.example point to servers elsewhere.`

/** Undefined when help was asked for. A data directory that the user names is relative to where they are. */
export function parseOptions(
  args: readonly string[],
  { root, cwd }: { root: string; cwd: string },
): StackOptions | undefined {
  const values = parse(args)
  if (values.help) return undefined
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535 || values.port === '') {
    throw new UserError(`--port must be a number from 0 to 65535, not "${values.port}"`)
  }
  const named = values['data-dir']
  const dataDir = named === undefined ? path.join(root, '.data') : path.resolve(cwd, named)
  return { dataDir, port, watch: values.watch }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '8080' },
        'data-dir': { type: 'string' },
        watch: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n\n${USAGE}`, { cause: error })
  }
}
