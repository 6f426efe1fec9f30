import { expect, it } from 'vitest'
import { createTally } from './tally.ts'

it('is content when every job was delivered once', async () => {
  const tally = createTally(3)

  for (const index of [2, 0, 1]) tally.count(index)

  await tally.all
  expect(() => tally.assertExact()).not.toThrow()
})

it('tells a lost job from a repeated one', () => {
  const tally = createTally(3)

  for (const index of [0, 0, 1]) tally.count(index)

  expect(() => tally.assertExact()).toThrow('of 3 jobs 1 were never delivered and 1 more than once')
})

it('refuses a job that nobody published', () => {
  expect(() => createTally(3).count(3)).toThrow('nobody published')
  expect(() => createTally(3).count(Number.NaN)).toThrow('nobody published')
})
