/** `npm run bench`: our queue beside others, on this machine, now. */
import os from 'node:os'
import { describeError } from '@app/runtime'
import { type BenchOptions, parseCommandLine, type Suite, USAGE } from './command-line.ts'
import { environment, formatEnvironment } from './report/environment.ts'
import { formatResults } from './report/format-results.ts'
import { busRows } from './rows/bus-rows.ts'
import { jobsRows } from './rows/jobs-rows.ts'
import type { Row } from './rows/row.ts'
import { runRows } from './run-rows.ts'
import { startServers } from './servers.ts'

const ROWS: Record<Suite, (scale: number) => Row[]> = { bus: busRows, jobs: jobsRows }

try {
  const options = parseCommandLine(process.argv.slice(2))
  if (options) await bench(options)
  else console.log(USAGE)
} catch (error) {
  console.error(describeError(error).message)
  process.exitCode = 1
}

async function bench({ suites, scale, only, runs, json, profileDir }: BenchOptions): Promise<void> {
  const loadBefore = os.loadavg()
  const rows = suites.flatMap((suite) => ROWS[suite](scale)).filter(({ title }) => title.includes(only))
  const servers = await startServers({ postgres: suites.includes('jobs') })
  try {
    const onRow = ({ title }: Row) => console.error(`measuring: ${title}`)
    const results = await runRows(rows, { runs, profileDir, onRow, serversOf: servers.serversOf })
    const around = environment(servers.versions, loadBefore)
    if (!json)
      for (const line of ['', ...formatEnvironment(around), '', ...formatResults(results)]) console.log(line)
    const measurements = results.flatMap((result) => result.measurements)
    if (json) console.log(JSON.stringify({ measurements, environment: around }))
  } finally {
    await servers.stop()
  }
}
