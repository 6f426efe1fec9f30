import { realPostgres } from '@app/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holdContest } from './contest/contest.ts'
import { busRows } from './rows/bus-rows.ts'
import { jobsRows } from './rows/jobs-rows.ts'
import type { Row } from './rows/row.ts'
import { runRows } from './run-rows.ts'
import { type BenchServers, startServers } from './servers.ts'

/** A few jobs each: enough to see that everything runs, far too few to measure anything. */
const TINY = 0.001

/** The benchmarks measure on a PostgreSQL of their own. */
const withPostgres = realPostgres() && !process.env.TEST_DATABASE_URL

let servers: BenchServers
beforeAll(async () => {
  servers = await startServers({ postgres: withPostgres })
})
afterAll(() => servers.stop())

describe.each([
  { suite: 'bus', rows: busRows(TINY), runs: true },
  { suite: 'jobs', rows: jobsRows(TINY), runs: withPostgres },
])('$suite', ({ rows, runs }) => {
  it.skipIf(!runs).each(rows.filter(unlikeThoseBefore))(
    'delivers exactly once on every side: $title',
    async (row) => {
      const results = await runRows([row], { runs: 1, warmUp: false, serversOf: servers.serversOf })

      const measurements = results.flatMap((result) => result.measurements)
      expect(results.map(({ metric }) => metric)).toEqual(row.metrics)
      expect(new Set(measurements.map(({ name }) => name)).size).toBe(measurements.length)
      for (const { ours, peers, against, ratio, bar, meets } of measurements) {
        expect(ours).toBeGreaterThan(0)
        expect(peers[against]).toBeGreaterThan(0)
        expect(ratio).toBeCloseTo(ours / (peers[against] ?? 0))
        expect(bar).toBeGreaterThan(0)
        expect(meets).toBeTypeOf('boolean')
      }
    },
  )
})

/** A row that asks the same of the same programs as one before it differs in numbers only. */
function unlikeThoseBefore(row: Row, index: number, rows: Row[]): boolean {
  const asked = ({ entries }: Row) => Object.values(entries).map(({ program, task }) => `${program}: ${task}`)
  const before = new Set(rows.slice(0, index).flatMap(asked))
  return !asked(row).every((one) => before.has(one))
}

const raw = { program: 'raw Redis', options: { jobs: 10, batch: 5, atOnce: 1 } } as const

it('counts as many runs of each contestant as it was told, and not the first', async () => {
  const told: string[] = []

  const samples = await holdContest({
    entries: { one: { ...raw, task: 'publish' }, other: { ...raw, task: 'memory' } },
    serversOf: servers.serversOf,
    runs: 2,
    onRun: (name, run) => told.push(`${name} ${run}`),
  })

  expect(samples.one?.map((sample) => Object.keys(sample))).toEqual([['perSecond'], ['perSecond']])
  expect(samples.other?.map((sample) => Object.keys(sample))).toEqual([['bytes'], ['bytes']])
  expect(told).toEqual(['one 0', 'other 0', 'other 1', 'one 1', 'one 2', 'other 2'])
})

it('is no result when a contestant fails', async () => {
  const contest = holdContest({
    entries: { ours: { ...raw, task: 'no such task' } },
    serversOf: servers.serversOf,
    runs: 1,
  })

  await expect(contest).rejects.toMatchObject({ code: 'bench-run-failed' })
})
