import { FatalError } from '@app/runtime'
import type { Mutation, TestName } from './mutation.ts'
import { type TestOutcome, type Verdict, verdictOf } from './verdict.ts'
import type { WorkingCopy } from './working-copy.ts'

export interface MutationResult {
  id: string
  rows: readonly number[]
  off: string
  verdict: Verdict
  seconds: number
  tests: readonly TestOutcome[]
}

interface RunSetOptions {
  copy: WorkingCopy
  runTests: (tests: readonly TestName[]) => Promise<TestOutcome[]>
  tell: (line: string) => void
}

/**
 * One mutation after the other, each for its own tests alone, once these were seen to pass without any. Error:
 * `tests-fail-unmutated`.
 */
export async function runSet(
  mutations: readonly Mutation[],
  { copy, runTests, tell }: RunSetOptions,
): Promise<MutationResult[]> {
  const all = distinct(mutations.flatMap(({ tests }) => tests))
  tell(`${all.length} tests without a mutation …`)
  refuseFailing(await runTests(all))
  const results: MutationResult[] = []
  for (const { id, rows, off, edits, tests } of mutations) {
    const startedMs = performance.now()
    const outcomes = await copy.with(edits, () => runTests(tests))
    const seconds = Math.round((performance.now() - startedMs) / 1_000)
    const result = { id, rows, off, verdict: verdictOf(outcomes), seconds, tests: outcomes }
    results.push(result)
    tell(`${results.length}/${mutations.length} ${result.verdict}: ${id} (${seconds} s)`)
  }
  return results
}

function refuseFailing(outcomes: readonly TestOutcome[]): void {
  const bad = outcomes.filter(({ outcome }) => outcome !== 'passed')
  if (bad.length === 0) return
  const lines = bad.map(({ file, title, outcome, why }) => `  ${outcome}: ${file}: ${title}\n    ${why}`)
  throw new FatalError('tests-fail-unmutated', `Without any mutation:\n${lines.join('\n')}`)
}

function distinct(tests: readonly TestName[]): TestName[] {
  return [...new Map(tests.map((test) => [`${test.file} ${test.title}`, test])).values()]
}
