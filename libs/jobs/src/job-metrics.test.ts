import { readFileSync } from 'node:fs'
import { parseMetrics } from '@app/testkit'
import { expect, it } from 'vitest'
import { createJobMetrics, measureQueues } from './index.ts'
import { beginAtZero } from './job-metrics.ts'

const ARCHITECTURE = readFileSync(new URL('../../../ARCHITECTURE.md', import.meta.url), 'utf8')

it('has a line in ARCHITECTURE.md for each metric, and no metric more there', async () => {
  // Those of calls to providers are not ours: libs/providers/src/provider-metrics.test.ts.
  const documented = [
    ...ARCHITECTURE.matchAll(/^\| `(scriptorium_(?!provider_)\w+)(?:\{[^}]*\})?` \|/gm),
  ].map(([, name]) => name)

  const { metrics } = createJobMetrics()
  const nowhere = undefined as never
  measureQueues(metrics, { db: nowhere, bus: nowhere })

  const families = parseMetrics((await metrics.exposition()).text)

  expect(documented.toSorted()).toEqual([...families.keys()].toSorted())
})

it('shows the counters of a type before its first job', async () => {
  const metrics = createJobMetrics()

  beginAtZero(metrics, ['tag'])

  const families = parseMetrics((await metrics.metrics.exposition()).text)
  expect(families.get('scriptorium_jobs_started_total')?.samples).toMatchObject([{ value: 0 }])
  expect(families.get('scriptorium_job_runs_total')?.samples).toHaveLength(9)
})
