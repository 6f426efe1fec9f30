import { parseArgs } from 'node:util'
import { FatalError } from '@app/runtime'

export const SUITES = ['bus', 'jobs', 'longaudio', 'media'] as const
/** The queue beside others: what is measured where nothing is named. */
const USUAL: readonly Suite[] = ['bus', 'jobs']
export type Suite = (typeof SUITES)[number]

export interface BenchOptions {
  suites: readonly Suite[]
  json: boolean
  runs: number
  /** Of the usual number of jobs. */
  scale: number
  /** Only rows whose title contains this. */
  only: string
  /** Where each contestant's processor profile goes. */
  profileDir: string | undefined
  /** Of the long recording. */
  hours: number
  /** How many transcribers share it, one after the other. */
  processes: readonly number[]
}

export const USAGE = `npm run bench -- [bus|jobs|longaudio|media] [options]

Measures the transport and the durable path side by side with other job queues and with Redis' own limit,
on a private Redis and a private PostgreSQL. Without a name, these two; allow a quarter of an hour and a machine at rest.
longaudio has transcribers share a recording of hours, at a local provider that takes its time, and compares words
of a recording that was cut with those of the whole. It takes a quarter of an hour as well. media takes clips of a minute apart, beside
the same work by plain ffmpeg commands, in two minutes.

  --json          ends with the measurements as one line of JSON on standard output
  --runs N        runs that count, after one that does not (default 5)
  --scale X       this share of the usual number of jobs, such as 0.1 (default 1)
  --only TEXT     only rows whose title contains it
  --hours H       length of the long recording (default 2)
  --processes N,… transcribers that share it, in turn (default 1,2,4)
  --profile DIR   writes a processor profile of every contestant there`

/** Undefined when help was asked for. Error: `option-invalid`. */
export function parseCommandLine(args: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parse(args)
  if (values.help) return undefined
  const unknown = positionals.find((name) => !isSuite(name))
  if (unknown) throw new FatalError('option-invalid', `there is no benchmark "${unknown}"`)
  return {
    suites: positionals.length > 0 ? positionals.filter(isSuite) : USUAL,
    json: values.json,
    runs: positive('--runs', values.runs, Number.isInteger),
    scale: positive('--scale', values.scale, Number.isFinite),
    only: values.only,
    profileDir: values.profile,
    hours: positive('--hours', values.hours, Number.isFinite),
    processes: values.processes.split(',').map((count) => positive('--processes', count, Number.isInteger)),
  }
}

const isSuite = (name: string): name is Suite => SUITES.some((suite) => suite === name)

function positive(name: string, text: string, isValid: (value: number) => boolean): number {
  const value = Number(text)
  if (isValid(value) && value > 0) return value
  throw new FatalError('option-invalid', `${name} must be a number above 0, not "${text}"`)
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        runs: { type: 'string', default: '5' },
        scale: { type: 'string', default: '1' },
        only: { type: 'string', default: '' },
        profile: { type: 'string' },
        hours: { type: 'string', default: '2' },
        processes: { type: 'string', default: '1,2,4' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new FatalError('option-invalid', (error as Error).message, { cause: error })
  }
}
