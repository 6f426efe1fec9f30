// `npm run chaos`: breaks everything at random, and counts what was lost. With --simulate in memory, else for real.
import { FatalError } from '@app/runtime'
import { signalsAsAbort } from '../../scripts/demo/signals.ts'
import { parseOptions, USAGE } from './options.ts'
import { parseSimulation, SIMULATE_USAGE } from './simulate/options.ts'

const called = signalsAsAbort()
// Standard output is for the report alone.
const tell = (line: string) => console.error(line)

/** Returns the exit code. */
async function campaign(args: readonly string[]): Promise<number> {
  // npm moves to the project's folder and keeps the user's here.
  const options = parseOptions(args, process.env.INIT_CWD ?? process.cwd())
  if (!options) return help(USAGE)
  const { runCampaign } = await import('./run-campaign.ts')
  const { describeReport, isClean } = await import('./check/report.ts')
  tell(`Seed ${options.seed}, ${options.seconds} s, ${options.workers} workers.`)
  const report = await runCampaign({
    ...options,
    signal: called.signal,
    tell,
    tellFault: options.verbose
      ? (line) => tell(`${new Date().toISOString().slice(11, 23)}  ${line}`)
      : () => {},
  })
  for (const line of describeReport(report)) (options.json ? tell : console.log)(line)
  if (options.json) console.log(JSON.stringify(report))
  return isClean(report) ? 0 : 1
}

/** Returns the exit code. Loads what it simulates itself: a bug may have to be planted in that first. */
async function simulation(args: readonly string[]): Promise<number> {
  const options = parseSimulation(args)
  if (!options) return help(SIMULATE_USAGE)
  const { describeSimulation, runSimulation } = await import('./simulate/run-simulation.ts')
  const report = await runSimulation({ ...options, signal: called.signal, tell })
  console.log(options.json ? JSON.stringify(report) : describeSimulation(report))
  return report.violations.length === 0 ? 0 : 1
}

function help(usage: string): number {
  console.log(usage)
  return 0
}

try {
  const args = process.argv.slice(2)
  // Not left to end by itself: Node 24.21 was seen to spin for ever in closing sockets that had been reset.
  process.exit(await (args.includes('--simulate') ? simulation(args) : campaign(args)))
} catch (error) {
  // Called off by the user: everything has been stopped by now.
  if (!called.signal.aborted) console.error(error instanceof FatalError ? `\n${error.message}` : error)
  process.exit(called.signal.aborted ? 130 : 1)
}
