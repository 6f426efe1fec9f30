import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../scripts/demo/book/seeded-random.ts'
import { FAULT_KINDS, LEASE_MS, type PlannedFault, planFaults } from './plan-faults.ts'

const planned = (seconds: number, seed: number) => planFaults(seconds, seededRandom(seed))

describe.each([60, 120, 600])('in %i seconds', (seconds) => {
  const plans = Array.from({ length: 200 }, (_, seed) => planned(seconds, seed))

  it('every kind of fault happens', () => {
    for (const plan of plans) {
      expect([...new Set(plan.map(({ kind }) => kind))].sort()).toEqual([...FAULT_KINDS].sort())
    }
  })

  it('there is one for every three seconds at least, in order and in time', () => {
    for (const plan of plans) {
      expect(plan.length).toBeGreaterThanOrEqual(seconds / 3)
      expect(plan).toEqual(plan.toSorted((a, b) => a.atMs - b.atMs))
      expect(plan.at(-1)?.atMs).toBeLessThan(seconds * 1_000)
    }
  })

  it('what is to outlast a lease does', () => {
    for (const { kind, durationMs } of plans.flat()) {
      if (kind === 'freeze-worker' || kind === 'block-event-loop')
        expect(durationMs).toBeGreaterThan(LEASE_MS)
    }
  })
})

it('leaves a lease of quiet around two kills of every three minutes, to time the restart by', () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const quiet = kindsAlone(planned(360, seed))

    expect(quiet).toEqual(['kill-worker', 'kill-worker', 'kill-worker', 'kill-worker'])
  }
})

it('is the same for the same seed, and another for another', () => {
  expect(planned(120, 3)).toEqual(planned(120, 3))
  expect(planned(120, 3)).not.toEqual(planned(120, 4))
})

/** Faults that no other one comes within a lease of, while it lasts or after. */
function kindsAlone(plan: readonly PlannedFault[]): string[] {
  const isNear = (a: PlannedFault, b: PlannedFault) =>
    a.atMs < b.atMs + b.durationMs + LEASE_MS && b.atMs < a.atMs + a.durationMs + LEASE_MS
  return plan
    .filter((fault) => !plan.some((other) => other !== fault && isNear(fault, other)))
    .map(({ kind }) => kind)
}
