import path from 'node:path'
import { patternOf, type TestName } from './mutation.ts'

/** What we read of Vitest's JSON report. */
export interface VitestReport {
  testResults: {
    /** Absolute. */
    name: string
    message?: string
    assertionResults: { title: string; status: string; failureMessages?: string[] | undefined }[]
  }[]
}

export interface TestOutcome extends TestName {
  /** `not-run`: its file did not load, or no test has that name. */
  outcome: 'passed' | 'failed' | 'not-run'
  /** Why it failed: the first line. */
  why: string
}

/**
 * `killed`: each test failed by itself. `survived`: one passed. `broken`: the edited code does not even run, which
 * proves nothing.
 */
export type Verdict = 'killed' | 'survived' | 'broken'

/** What became of each of these tests; one that ran several times failed where any of them did. */
export function outcomesOf(
  report: VitestReport | undefined,
  tests: readonly TestName[],
  root: string,
): TestOutcome[] {
  return tests.map(({ file, title }) => {
    const results = report?.testResults.filter(({ name }) => name === path.join(root, file)) ?? []
    const isIt = new RegExp(`^${patternOf(title)}$`)
    const ran = results
      .flatMap(({ assertionResults }) => assertionResults)
      .filter((result) => isIt.test(result.title) && /^(passed|failed)$/.test(result.status))
    const failed = ran.find(({ status }) => status === 'failed')
    if (failed) return { file, title, outcome: 'failed', why: firstLine(failed.failureMessages?.[0]) }
    if (ran.length > 0) return { file, title, outcome: 'passed', why: '' }
    const why = firstLine(results.find(({ message }) => message)?.message ?? 'no such test ran')
    return { file, title, outcome: 'not-run', why }
  })
}

/** Of code that can't be loaded or compiled, in TypeScript, Lua or SQL. */
const NOT_RUNNABLE =
  /\b(SyntaxError|ReferenceError|ERR_MODULE_NOT_FOUND|ERR_UNSUPPORTED\w*)\b|is not a function|Error compiling script|Error running script|syntax error at|(column|relation) .* does not exist/

export function verdictOf(outcomes: readonly TestOutcome[]): Verdict {
  if (outcomes.some(({ outcome, why }) => outcome === 'not-run' || NOT_RUNNABLE.test(why))) return 'broken'
  return outcomes.every(({ outcome }) => outcome === 'failed') ? 'killed' : 'survived'
}

const firstLine = (text = ''): string => text.split('\n')[0]?.slice(0, 300) ?? ''
