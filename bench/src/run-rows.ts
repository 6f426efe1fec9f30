import path from 'node:path'
import { holdContest } from './contest/contest.ts'
import type { Servers } from './contest/task.ts'
import { assess, type Measurement, type Metric } from './report/assess.ts'
import type { Row } from './rows/row.ts'

/** One metric of a row that was measured. */
export interface Result {
  metric: Metric
  measurements: Measurement[]
}

interface RunOptions {
  runs: number
  warmUp?: boolean
  serversOf: (contestant: string) => Promise<Servers>
  profileDir?: string | undefined
  /** Told before each row. */
  onRow?: (row: Row) => void
}

/** Measures row after row. Rejects with `bench-run-failed` where a contestant fails. */
export async function runRows(rows: readonly Row[], options: RunOptions): Promise<Result[]> {
  const results: Result[] = []
  for (const row of rows) {
    options.onRow?.(row)
    const profileDir = options.profileDir && path.join(options.profileDir, row.title.replaceAll(/\W+/g, '-'))
    const samples = await holdContest({ ...options, profileDir, entries: row.entries })
    for (const metric of row.metrics) {
      const runs = Object.fromEntries(
        Object.entries(samples).map(([name, some]) => [name, some.map((sample) => measured(sample, metric))]),
      )
      results.push({ metric, measurements: assess(metric, runs, row.known) })
    }
  }
  return results
}

function measured(sample: Record<string, number>, { key, name }: Metric): number {
  const value = sample[key]
  if (value === undefined || !Number.isFinite(value)) throw new Error(`${name}: a run measured no ${key}`)
  return value
}
