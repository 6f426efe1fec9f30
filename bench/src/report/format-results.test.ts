import { expect, it } from 'vitest'
import { assess, type Metric } from './assess.ts'
import { formatResults } from './format-results.ts'

const metric: Metric = {
  name: 'consume',
  key: 'perSecond',
  unit: 'jobs/s',
  better: 'higher',
  bars: [
    { against: 'peer', ratio: 3 },
    { against: 'raw', ratio: 0.5 },
  ],
}

it('shows median and range of everybody, and says by how much each bar was missed', () => {
  const runs = { ours: [29_000, 30_000, 31_000], peer: [9_000, 10_000, 11_000], other: [1], raw: [100_000] }

  expect(formatResults([{ metric, measurements: assess(metric, runs) }]).join('\n')).toMatchInlineSnapshot(`
    "consume (jobs/s, higher is better)
      ours       30,000  (29,000 to 31,000)
      peer       10,000  (9,000 to 11,000)       3.00 × (≥ 3)  met
      other           1
      raw       100,000                          0.30 × (≥ 0.5)  FALLS SHORT

    Falls short: consume, against raw: 0.30 × raw, where the bar is 0.5 ×: by 40 %."
  `)
})

it('says which bar proves nothing', () => {
  const runs = { ours: [300], peer: [50], raw: [100] }

  const lines = formatResults([{ metric, measurements: assess(metric, runs, { peer: 100 }) }])

  expect(lines.at(-1)).toBe(
    'Void: consume, against peer: peer did 50 % worse than its 100 jobs/s. Ours reached 6.00 × (bar: 3 ×).',
  )
})
