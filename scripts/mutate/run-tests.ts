import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { patternOf, type TestName } from './mutation.ts'
import { outcomesOf, type TestOutcome, type VitestReport } from './verdict.ts'

/** Some wait for what no longer comes: that is how they fail. */
const TEST_TIMEOUT_MS = 45_000
const STARTUP_MS = 120_000

interface RunOptions {
  /** Of the working copy. */
  root: string
  databaseUrl: string
  signal: AbortSignal
}

/** Runs these tests and no others, on PostgreSQL where there is a choice, and says what became of each. */
export async function runTests(tests: readonly TestName[], options: RunOptions): Promise<TestOutcome[]> {
  const { root, databaseUrl, signal } = options
  const reportFile = path.join(root, '.cache/mutate-report.json')
  rmSync(reportFile, { force: true })
  const files = [...new Set(tests.map(({ file }) => file))]
  const projects = [...new Set(files.map((file) => (file.includes('.int.test.') ? 'integration' : 'unit')))]
  const titles = [...new Set(tests.map(({ title }) => patternOf(title)))]
  const args = [
    'run',
    ...projects.map((project) => `--project=${project}`),
    ...files,
    `--testNamePattern=^(?!on PGlite ).*(?:${titles.join('|')})$`,
    `--testTimeout=${TEST_TIMEOUT_MS}`,
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
  ]
  const vitest = spawn(process.execPath, [path.join(root, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, TEST_DATABASE_URL: databaseUrl },
    stdio: 'ignore',
    signal,
    timeout: STARTUP_MS + tests.length * TEST_TIMEOUT_MS,
  })
  // Being called off is an error of the child as well; it has ended only when it is closed.
  vitest.on('error', () => {})
  await new Promise((resolve) => vitest.once('close', resolve))
  signal.throwIfAborted()
  return outcomesOf(readReport(reportFile), tests, root)
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport
  } catch {
    return undefined
  }
}
