import path from 'node:path'
import { parseArgs } from 'node:util'
import { FatalError, wholeNumber } from '@app/runtime'

export interface ChaosOptions {
  /** How long faults come and jobs are inserted; what is unfinished then has some quiet minutes to end. */
  seconds: number
  seed: number
  workers: number
  json: boolean
  verbose: boolean
  /** Absolute: where each process' log goes. */
  logDir: string | undefined
}

/** Every kind of fault happens once before any happens twice, and that takes most of a minute. */
const LEAST_SECONDS = 60
const LEAST_WORKERS = 3

export const USAGE = `npm run chaos -- [options]

Runs worker processes on a Redis and a Postgres of its own, breaks all of them at random, and counts at the end
whether a job was lost or its effect committed twice. Exits with 0 only where neither happened.

  --seconds N   how long faults come (default 120, at least ${LEAST_SECONDS})
  --seed N      which faults and jobs, and when (default 1)
  --workers N   worker processes; some of them are of an older version (default 4, at least ${LEAST_WORKERS})
  --json        ends with the report as one line of JSON on standard output
  --verbose     tells of each fault as it happens
  --logs DIR    keeps what each process logs
  --simulate    the same in memory and a thousand times faster; npm run chaos -- --simulate --help`

/** Undefined when help was asked for. Error: `option-invalid`. */
export function parseOptions(args: readonly string[], cwd: string): ChaosOptions | undefined {
  const values = parse(args)
  if (values.help) return undefined
  return {
    seconds: wholeNumber('--seconds', values.seconds, { least: LEAST_SECONDS, most: 7 * 24 * 3600 }),
    seed: wholeNumber('--seed', values.seed, { most: 0xffff_ffff }),
    workers: wholeNumber('--workers', values.workers, { least: LEAST_WORKERS, most: 64 }),
    json: values.json,
    verbose: values.verbose,
    logDir: values.logs === undefined ? undefined : path.resolve(cwd, values.logs),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seconds: { type: 'string', default: '120' },
        seed: { type: 'string', default: '1' },
        workers: { type: 'string', default: '4' },
        json: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        logs: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (cause) {
    throw new FatalError('option-invalid', `${(cause as Error).message}\n\n${USAGE}`, { cause })
  }
}
