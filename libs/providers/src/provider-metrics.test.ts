import { readFileSync } from 'node:fs'
import { parseMetrics } from '@app/testkit'
import { expect, it } from 'vitest'
import { measureProviders } from './measure-providers.ts'
import { createModelCheck } from './models/model-check.ts'
import { createProviderMetrics } from './provider-metrics.ts'

const ARCHITECTURE = readFileSync(new URL('../../../ARCHITECTURE.md', import.meta.url), 'utf8')

it('has a line in ARCHITECTURE.md for each metric, and no metric more there', async () => {
  const documented = [...ARCHITECTURE.matchAll(/^\| `(scriptorium_provider_\w+)(?:\{[^}]*\})?` \|/gm)].map(
    ([, name]) => name,
  )

  const metrics = createProviderMetrics()
  const nowhere = undefined as never
  measureProviders(metrics.metrics, nowhere)
  createModelCheck({ metrics, db: nowhere, log: nowhere, config: nowhere })

  const families = parseMetrics((await metrics.metrics.exposition()).text)

  expect(documented.toSorted()).toEqual([...families.keys()].toSorted())
})
