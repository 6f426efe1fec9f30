import { expect, it } from 'vitest'
import { measureMedia } from './measure-media.ts'

it('takes the same clips apart on every side', async () => {
  const results = await measureMedia({ runs: 1, scale: 0.05, timesEach: 1, only: 'joined and kept' })

  expect(results.flatMap(({ measurements }) => measurements.map(({ against }) => against))).toEqual([
    'plain commands',
    'one plain command',
  ])
  for (const { ours, ratio, bar } of results.flatMap(({ measurements }) => measurements)) {
    expect(ours).toBeGreaterThan(0)
    expect(ratio).toBeGreaterThan(0)
    expect(bar).toBe(1.1)
  }
})
