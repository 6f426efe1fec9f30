import { expect, it } from 'vitest'
import { assess, figuresOf, type Metric, shortfall } from './assess.ts'

const speed: Metric = {
  name: 'consume',
  key: 'perSecond',
  unit: 'jobs/s',
  better: 'higher',
  bars: [
    { against: 'peer', ratio: 3 },
    { against: 'raw', ratio: 0.5 },
  ],
}
const delay: Metric = {
  name: 'pickup',
  key: 'p99',
  unit: 'ms',
  better: 'lower',
  bars: [{ against: 'limit', ratio: 1, limit: 10 }],
}

it('takes the middle of an odd number of runs, and between the two middle ones of an even number', () => {
  expect(figuresOf([5, 1, 3])).toEqual({ median: 3, least: 1, most: 5 })
  expect(figuresOf([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 4 })
})

it('sets our median against each bar in a measurement of its own', () => {
  const found = assess(speed, { ours: [31, 30, 29], peer: [10, 9, 11], raw: [100, 100, 100] })

  expect(found.map(({ against, ratio, bar, meets }) => ({ against, ratio, bar, meets }))).toEqual([
    { against: 'peer', ratio: 3, bar: 3, meets: true },
    { against: 'raw', ratio: 0.3, bar: 0.5, meets: false },
  ])
  expect(found[0]?.name).not.toBe(found[1]?.name)
  expect(found.map(shortfall)).toEqual([0, 0.4])
})

it('counts less as better where it is, and a fixed limit as a peer', () => {
  const [met, missed] = [9, 11].flatMap((ms) => assess(delay, { ours: [ms] }))

  expect(met).toMatchObject({ meets: true, ratio: 0.9, peers: { limit: 10 } })
  expect(missed).toMatchObject({ meets: false, ratio: 1.1 })
  expect(shortfall(missed as NonNullable<typeof missed>)).toBeCloseTo(0.1)
})

it('voids a bar whose peer did more than 30 % worse than it can, and does not count it as met', () => {
  const runs = { ours: [100], peer: [6], raw: [100] }

  const [slow, raw] = assess(speed, runs, { peer: 10, raw: 100 })
  const [fair] = assess(speed, { ...runs, peer: [7.1] }, { peer: 10, raw: 100 })

  expect(slow).toMatchObject({ meets: false, void: 'peer did 40 % worse than its 10 jobs/s' })
  expect(raw?.void).toBeUndefined()
  expect(fair).toMatchObject({ meets: true })
})
