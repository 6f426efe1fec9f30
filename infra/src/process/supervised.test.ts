import { expect, it } from 'vitest'
import { restartDelayMs } from './supervised.ts'

it.each([
  [0, 200],
  [1, 400],
  [2, 800],
  [5, 6400],
  [6, 10_000],
  [100, 10_000],
])('waits after %d deaths in a row for %d ms', (deaths, delayMs) => {
  expect(restartDelayMs(deaths)).toBe(delayMs)
})
