import { expect, it } from 'vitest'
import { createLaneTurns } from './lane-turns.ts'

const sumOf = (quotas: number[][]) =>
  [0, 1, 2].map((lane) => quotas.reduce((sum, quota) => sum + (quota[lane] ?? 0), 0))

it('row 24: gives high, normal and low six, three and one of ten turns, however few slots are free at a time', () => {
  for (const slots of [1, 2, 3, 7, 10, 100]) {
    const turns = createLaneTurns()
    const rounds = Array.from({ length: 10 }, () => turns(slots))

    expect(sumOf(rounds)).toEqual([6 * slots, 3 * slots, slots])
  }
})

it('shares out exactly the slots there are', () => {
  const turns = createLaneTurns()

  for (let slots = 0; slots < 40; slots += 1) {
    expect(turns(slots).reduce((sum, quota) => sum + quota, 0)).toBe(slots)
  }
})

it('begins with the highest lane, and never makes a lane wait for two rounds', () => {
  const turns = createLaneTurns()
  const order = Array.from({ length: 30 }, () => turns(1).indexOf(1))

  expect(order[0]).toBe(0)
  expect(order.slice(0, 10)).toContain(2)
  expect(order.slice(10, 20)).toContain(2)
})
