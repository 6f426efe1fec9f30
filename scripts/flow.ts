/**
 * Draws the flows and the states of a job into ARCHITECTURE.md, from the same data the services run on.
 * With `--check` it writes nothing and fails if the charts are stale. Either way it fails if a job has no
 * worker or two, or a flow names what nobody does.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as contracts from '@app/contracts'
import { FLOWS } from '@app/flows'
import { findProblems, findWorkers } from './checks/find-workers.ts'
import { flowChart, replaceSection, stateChart } from './checks/flow-chart.ts'
import { ROOT, sourceFiles } from './checks/source-files.ts'

const page = join(ROOT, 'ARCHITECTURE.md')
const isCheck = process.argv.includes('--check')

const sources = await sourceFiles('services/*/src/**/*.ts')
const calls = findWorkers(sources.filter(({ path }) => !/\.test\.ts$|\/testing\//.test(path)))
const nameOf = new Map<unknown, string>(Object.entries(contracts).map(([name, value]) => [value, name]))
const names = new Map(contracts.JOBS.map((job) => [nameOf.get(job) ?? `(unexported ${job.name})`, job.name]))
const workers = contracts.JOBS.map((job) => ({
  type: job.name,
  queue: job.queue,
  attempts: job.attempts,
  files: calls.filter((call) => call.contract === nameOf.get(job)).map((call) => call.path),
}))

const problems = findProblems({ contracts: names, calls, flows: FLOWS })
const before = await readFile(page, 'utf8').catch(() => '')
try {
  const withFlows = replaceSection(before, 'flow', flowChart(FLOWS, workers))
  const after = replaceSection(withFlows, 'states', stateChart(contracts.JOB_MOVES))
  if (isCheck && after !== before) problems.push('ARCHITECTURE.md shows old charts: npm run flow')
  if (!isCheck && after !== before) await writeFile(page, after)
} catch (error) {
  problems.push((error as Error).message)
}

for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
