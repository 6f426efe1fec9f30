import { expect, it } from 'vitest'
import type { Expectation } from '../driver/driver.ts'
import { type FinalJob, judgeJobs } from './judge-jobs.ts'

const told = (end: Expectation['end'] = 'completed'): Expectation => ({ end, acknowledged: true })
const done = (id: string, change: Partial<FinalJob> = {}): FinalJob => ({
  id,
  status: 'completed',
  effects: 1,
  unfinishedSeconds: 1,
  ...change,
})

it('finds nothing wrong where each job ended once as it should', () => {
  const expected = new Map([
    ['a', told()],
    ['b', told('failed')],
  ])

  const verdict = judgeJobs(expected, [
    done('a', { unfinishedSeconds: 7 }),
    done('b', { status: 'failed', effects: 0 }),
  ])

  expect(verdict).toEqual({
    jobs: 2,
    completed: 1,
    failedAsIntended: 1,
    lost: 0,
    committedTwice: 0,
    maxUnfinishedSeconds: 7,
    complaints: [],
  })
})

it.each<[string, Expectation, FinalJob[], number, number]>([
  ['is not in Postgres', told(), [], 1, 0],
  ['has not ended', told(), [done('a', { status: 'running', effects: 0 })], 1, 0],
  ['completed without its effect', told(), [done('a', { effects: 0 })], 1, 0],
  ['completed twice', told(), [done('a', { effects: 2 })], 0, 1],
  ['failed and should not', told(), [done('a', { status: 'failed', effects: 0 })], 1, 0],
  ['completed and should have failed', told('failed'), [done('a')], 1, 0],
  ['failed and left an effect', told('failed'), [done('a', { status: 'failed' })], 1, 0],
])('complains of a job that %s', (_, expectation, found, lost, committedTwice) => {
  const verdict = judgeJobs(new Map([['a', expectation]]), found)

  expect(verdict).toMatchObject({ jobs: 1, lost, committedTwice })
  expect(verdict.complaints).toHaveLength(1)
})

it('lets an insert whose answer was lost be there or not, and holds what is there to the same', () => {
  const uncertain: Expectation = { end: 'completed', acknowledged: false }
  const expected = new Map([
    ['not there', uncertain],
    ['there', uncertain],
    ['stuck', uncertain],
  ])

  const verdict = judgeJobs(expected, [done('there'), done('stuck', { status: 'queued', effects: 0 })])

  expect(verdict).toMatchObject({ jobs: 2, completed: 1, lost: 1 })
})
