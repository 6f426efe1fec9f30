// `npm run chaos`: breaks everything at random, and counts what was lost.
import { FatalError } from '@app/runtime'
import { signalsAsAbort } from '../../scripts/demo/signals.ts'
import { describeReport, isClean } from './check/report.ts'
import { parseOptions, USAGE } from './options.ts'
import { runCampaign } from './run-campaign.ts'

const called = signalsAsAbort()

async function main(): Promise<void> {
  // npm moves to the project's folder and keeps the user's here.
  const options = parseOptions(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd())
  if (!options) return console.log(USAGE)
  // Standard output is for the report alone.
  const tell = (line: string) => console.error(line)
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
  // Not left to end by itself: Node 24.21 was seen to spin for ever in closing sockets that had been reset.
  process.exit(isClean(report) ? 0 : 1)
}

try {
  await main()
} catch (error) {
  // Called off by the user: everything has been stopped by now.
  if (!called.signal.aborted) console.error(error instanceof FatalError ? `\n${error.message}` : error)
  process.exit(called.signal.aborted ? 130 : 1)
}
