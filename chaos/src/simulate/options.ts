import { parseArgs } from 'node:util'
import { FatalError, wholeNumber } from '@app/runtime'
import { PLANTED_BUGS, type PlantedBug } from './model/planted-bugs.ts'

export interface SimulationOptions {
  /** The first, and how many from there on. */
  seed: number
  seeds: number
  /** Tells of every step of every seed. */
  trace: boolean
  /** Ends with the first that goes wrong; else with the third. */
  first: boolean
  /** A mistake that is to be found. */
  plant: PlantedBug | undefined
  json: boolean
}

const MOST = 0xffff_ffff

export const SIMULATE_USAGE = `npm run chaos -- --simulate [options]

Runs the job runtime's own code in memory, over models of Redis and Postgres and by a clock of its own: each seed is a
few jobs, some processes and a storm. Exits with 0 only where nothing happened that must never.

  --seeds N      how many (default 10000, or 1 with --trace)
  --seed N       the first of them (default 1)
  --trace        tells of every step; the same seed takes the same steps
  --plant BUG    plants a mistake that must be found: ${PLANTED_BUGS.slice(0, 3).join(', ')},
                 ${PLANTED_BUGS.slice(3).join(', ')}
  --first        ends with the first seed that goes wrong; else with the third
  --json         ends with the report as one line of JSON on standard output`

/** Undefined when help was asked for. Error: `option-invalid`. */
export function parseSimulation(args: readonly string[]): SimulationOptions | undefined {
  const { help, trace, first, json, plant, ...values } = parse(args)
  if (help) return undefined
  return {
    seed: wholeNumber('--seed', values.seed ?? '1', { most: MOST }),
    seeds: wholeNumber('--seeds', values.seeds ?? (trace ? '1' : '10000'), { least: 1, most: MOST }),
    plant: plant === undefined ? undefined : plantedBug(plant),
    ...{ trace, first, json },
  }
}

function plantedBug(name: string): PlantedBug {
  const bug = PLANTED_BUGS.find((known) => known === name)
  if (bug) return bug
  throw new FatalError('option-invalid', `--plant must be one of ${PLANTED_BUGS.join(', ')}, not "${name}"`)
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        simulate: { type: 'boolean', default: true },
        seeds: { type: 'string' },
        seed: { type: 'string' },
        plant: { type: 'string' },
        trace: { type: 'boolean', default: false },
        first: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (cause) {
    throw new FatalError('option-invalid', `${(cause as Error).message}\n\n${SIMULATE_USAGE}`, { cause })
  }
}
