// `npm run mutate`: switches each cure off in turn, and expects its tests to fail.
import path from 'node:path'
import { FatalError } from '@app/runtime'
import { signalsAsAbort } from './demo/signals.ts'
import { countResults, describeResults } from './mutate/describe-results.ts'
import { type MutateOptions, parseOptions, USAGE } from './mutate/options.ts'
import { runSet } from './mutate/run-set.ts'
import { runTests } from './mutate/run-tests.ts'
import { startPostgres } from './mutate/servers.ts'
import { makeWorkingCopy } from './mutate/working-copy.ts'

const called = signalsAsAbort()
// Standard output is for the report alone.
const tell = (line: string) => console.error(line)

try {
  const options = parseOptions(process.argv.slice(2))
  if (!options) console.log(USAGE)
  else if (options.list)
    for (const { id, rows, off } of options.mutations) console.log(`${id} (${rows}): ${off}`)
  else await mutate(options)
} catch (error) {
  // Called off by the user: everything has been stopped by now.
  if (!called.signal.aborted) console.error(error instanceof FatalError ? `\n${error.message}` : error)
  process.exitCode = called.signal.aborted ? 130 : 1
}

async function mutate({ set, mutations, json }: MutateOptions): Promise<void> {
  const startedMs = performance.now()
  const postgres = await startPostgres()
  const copy = makeWorkingCopy(path.resolve(import.meta.dirname, '..'))
  try {
    const { signal } = called
    const results = await runSet(mutations, {
      copy,
      tell,
      runTests: (tests) => runTests(tests, { root: copy.root, databaseUrl: postgres.url, signal }),
    })
    const seconds = Math.round((performance.now() - startedMs) / 1_000)
    for (const line of describeResults(results)) (json ? tell : console.log)(line)
    const report = { set, seconds, ...countResults(results), mutations: results }
    if (json) console.log(JSON.stringify(report))
    process.exitCode = report.notKilled.length === 0 ? 0 : 1
  } finally {
    copy.remove()
    await postgres.stop()
  }
}
