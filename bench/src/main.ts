/** `npm run bench`: our queue beside others, on this machine, now. */
import os from 'node:os'
import { describeError } from '@app/runtime'
import { type BenchOptions, parseCommandLine, type Suite, USAGE } from './command-line.ts'
import { measureLongAudio } from './longaudio/long-audio.ts'
import { measureMedia } from './media/measure-media.ts'
import { environment, formatEnvironment } from './report/environment.ts'
import { formatResults } from './report/format-results.ts'
import { busRows } from './rows/bus-rows.ts'
import { jobsRows } from './rows/jobs-rows.ts'
import type { Row } from './rows/row.ts'
import { runRows } from './run-rows.ts'
import { startServers } from './servers.ts'

/** The long recording and the clips have contestants of their own. */
const ROWS: Record<Suite, (scale: number) => Row[]> = {
  bus: busRows,
  jobs: jobsRows,
  longaudio: () => [],
  media: () => [],
}
/** Suites that need no Postgres. */
const WITHOUT_POSTGRES: readonly Suite[] = ['bus', 'media']
/** Recognised whole and in parts, at a sixth of its length on one core. */
const WORD_ERROR_MINUTES = 20
/** Short enough that each of four processes has eight parts of two hours. */
const PART_MINUTES = 5

try {
  const options = parseCommandLine(process.argv.slice(2))
  if (options) await bench(options)
  else console.log(USAGE)
} catch (error) {
  console.error(describeError(error).message)
  process.exitCode = 1
}

async function bench(options: BenchOptions): Promise<void> {
  const { suites, scale, only, runs, json, profileDir } = options
  const loadBefore = os.loadavg()
  const rows = suites.flatMap((suite) => ROWS[suite](scale)).filter(({ title }) => title.includes(only))
  const servers = await startServers({ postgres: suites.some((suite) => !WITHOUT_POSTGRES.includes(suite)) })
  try {
    const onRow = ({ title }: Row) => console.error(`measuring: ${title}`)
    const results = await runRows(rows, { runs, profileDir, onRow, serversOf: servers.serversOf })
    if (suites.includes('longaudio')) {
      const wordErrorMinutes = WORD_ERROR_MINUTES * scale
      results.push(
        ...(await measureLongAudio({ ...options, wordErrorMinutes, partMinutes: PART_MINUTES, servers })),
      )
    }
    if (suites.includes('media')) results.push(...(await measureMedia(options)))
    const around = environment(servers.versions, loadBefore)
    if (!json)
      for (const line of ['', ...formatEnvironment(around), '', ...formatResults(results)]) console.log(line)
    const measurements = results.flatMap((result) => result.measurements)
    if (json) console.log(JSON.stringify({ measurements, environment: around }))
  } finally {
    await servers.stop()
  }
}
