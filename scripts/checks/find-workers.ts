import ts from 'typescript'
import type { ChartFlow } from './flow-chart.ts'

export interface SourceFile {
  path: string
  text: string
}

export interface WorkerCall {
  path: string
  /** The contract's name as it stands in the call: `TranscribeJob`. */
  contract: string
}

/** Every `defineWorker(<contract>, …)` call. Read as syntax, so that a comment showing one does not count. */
export function findWorkers(files: readonly SourceFile[]): WorkerCall[] {
  return files.flatMap(({ path, text }) => {
    const calls: WorkerCall[] = []
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && node.expression.getText() === 'defineWorker') {
        calls.push({ path, contract: node.arguments[0]?.getText() ?? '' })
      }
      ts.forEachChild(node, visit)
    }
    visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
    return calls
  })
}

interface Wiring {
  /** Job type by the name its contract is exported under. */
  contracts: ReadonlyMap<string, string>
  calls: readonly WorkerCall[]
  flows: readonly ChartFlow[]
}

/** What would make a job wait for ever: nobody does it, two do it, or a graph names what does not exist. */
export function findProblems({ contracts, calls, flows }: Wiring): string[] {
  const types = new Set(contracts.values())
  const strangers = calls
    .filter(({ contract }) => !contracts.has(contract))
    .map(({ contract, path }) => `${path} defines a worker for ${contract}, which is not in JOBS`)
  const miscounted = [...contracts].flatMap(([contract, type]) => {
    const paths = calls.filter((call) => call.contract === contract).map((call) => call.path)
    if (paths.length === 1) return []
    return [`job ${type} has ${paths.length === 0 ? 'no worker' : `several workers: ${paths.join(', ')}`}`]
  })
  return [...strangers, ...miscounted, ...flows.flatMap((flow) => problemsOf(flow, types))]
}

function problemsOf({ name, example: { jobs } }: ChartFlow, types: ReadonlySet<string>): string[] {
  const keys = new Set(jobs.map((job) => job.key))
  const unknown = jobs
    .filter((job) => !types.has(job.type))
    .map((job) => `flow ${name}: ${job.key} is a ${job.type} job, which nobody declares`)
  const dangling = jobs.flatMap((job) =>
    job.dependsOn
      .filter((key) => !keys.has(key))
      .map((key) => `flow ${name}: ${job.key} waits for ${key}, which is missing`),
  )
  return [...unknown, ...dangling]
}
