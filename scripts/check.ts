/**
 * Everything that CI asks of a commit, in one table; `npm run check -- lint unit` runs only those.
 * The static checks share the processors; tests come after them, one kind at a time, for they measure time.
 */
import { formatResult, runStep, type Step, type StepResult } from './checks/run-steps.ts'

const MINUTE_MS = 60_000

const STATIC: readonly Step[] = [
  { name: 'lint', command: ['biome', 'check', '.'], timeoutMs: 2 * MINUTE_MS },
  { name: 'typecheck', command: ['npm', 'run', '--silent', 'typecheck'], timeoutMs: 5 * MINUTE_MS },
  { name: 'boundaries', command: ['npm', 'run', '--silent', 'boundaries'], timeoutMs: 2 * MINUTE_MS },
  { name: 'size', command: ['node', 'scripts/size.ts'], timeoutMs: MINUTE_MS },
  { name: 'flow', command: ['node', 'scripts/flow.ts', '--check'], timeoutMs: MINUTE_MS },
]
const TESTS: readonly Step[] = [
  { name: 'unit', command: ['vitest', 'run', '--project', 'unit'], timeoutMs: 5 * MINUTE_MS },
  { name: 'integration', command: ['vitest', 'run', '--project', 'integration'], timeoutMs: 15 * MINUTE_MS },
]

const wanted = process.argv.slice(2)
const names = [...STATIC, ...TESTS].map((step) => step.name)
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`no such check: ${unknown.join(', ')} (there are: ${names.join(', ')})`)
  process.exit(2)
}

const isWanted = (step: Step) => wanted.length === 0 || wanted.includes(step.name)
const results = await Promise.all(STATIC.filter(isWanted).map(runAndShow))
for (const step of TESTS.filter(isWanted)) results.push(await runAndShow(step))

const failed = results.filter((result) => !result.ok)
for (const { name, output } of failed) console.error(`\n--- ${name} ---\n${output.trim()}`)
console.log(`\n${results.length - failed.length} checks passed, ${failed.length} failed`)
process.exitCode = failed.length > 0 ? 1 : 0

async function runAndShow(step: Step): Promise<StepResult> {
  const result = await runStep(step)
  console.log(formatResult(result))
  return result
}
