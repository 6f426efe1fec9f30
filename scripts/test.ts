// `npm test`: the static checks and every test side by side, and one line at the end that says how it went.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { runCommand } from './test-run/run-command.ts'
import { addUp, closingLine, isGreen, type Tally } from './test-run/tally.ts'
import { runVitest } from './test-run/vitest.ts'

const root = path.resolve(import.meta.dirname, '..')
const checks: [name: string, command: string, args: string[]][] = [
  ['lint', 'npm', ['run', '--silent', 'lint']],
  ['typecheck', 'npm', ['run', '--silent', 'typecheck']],
  ['boundaries', 'npm', ['run', '--silent', 'boundaries']],
  ...(existsSync(path.join(root, 'scripts/flow.ts'))
    ? ([['flow', process.execPath, ['scripts/flow.ts', '--check']]] as [string, string, string[]][])
    : []),
]

// At once: the first tests mostly wait for servers to start.
const tallies = await Promise.all([
  ...checks.map(([name, command, args]) => runCheck(name, command, args)),
  runVitest(root, process.argv.slice(2)),
])

const total = addUp(tallies)
for (const name of total.failures) console.log(`failed   ${name}`)
for (const name of total.skips) console.log(`skipped  ${name}`)
console.log(closingLine(total))
process.exitCode = isGreen(total) ? 0 : 1

/** One check counts as one test. Its output is shown when it fails; while it passes, nobody wants to read it. */
async function runCheck(name: string, command: string, args: string[]): Promise<Tally> {
  const { code, output, seconds } = await runCommand(command, args, root)
  console.log(`${code === 0 ? '✓' : '✗'} ${name} (${seconds} s)`)
  if (code === 0) return { passed: 1, failures: [], skips: [] }
  console.log(output)
  return { passed: 0, failures: [name], skips: [] }
}
