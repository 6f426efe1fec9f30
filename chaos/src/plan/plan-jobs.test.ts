import { expect, it } from 'vitest'
import { seededRandom } from '../../../scripts/demo/book/seeded-random.ts'
import { planCalms } from './plan-faults.ts'
import { planJobs } from './plan-jobs.ts'

const SECONDS = 120
const plans = Array.from({ length: 50 }, (_, seed) => {
  let ids = 0
  return planJobs(SECONDS, { workers: 4, random: seededRandom(seed), newId: () => `id ${++ids}` })
})

it('has plain, stepwise, failing, hopeless, upgraded and dependent jobs, and some of many seconds', () => {
  for (const plan of plans) {
    const jobs = plan.flatMap((graph) => graph.jobs)

    expect(new Set(jobs.map(({ input }) => input.behaviour))).toEqual(
      new Set(['plain', 'steps', 'fail-twice', 'always-fail']),
    )
    expect(jobs.some(({ type }) => type === 'chaos-upgraded')).toBe(true)
    expect(jobs.some(({ dependsOn }) => dependsOn.length > 1)).toBe(true)
    expect(Math.max(...jobs.map(({ input }) => input.lastsMs))).toBeGreaterThan(10_000)
    expect(Math.max(...jobs.map(({ input }) => input.lastsMs))).toBeLessThanOrEqual(30_000)
  }
})

it('comes in order and in time, and names what a job waits for before the job', () => {
  for (const plan of plans) {
    expect(plan).toEqual(plan.toSorted((a, b) => a.atMs - b.atMs))
    expect(plan.at(-1)?.atMs).toBeLessThan(SECONDS * 1_000)
    for (const { jobs } of plan) {
      jobs.forEach((job, index) => {
        const before = jobs.slice(0, index).map(({ key }) => key)
        expect(before).toEqual(expect.arrayContaining([...job.dependsOn]))
      })
    }
  }
})

it('gives each kill in a calm something to interrupt, and leaves the others free when its lease is over', () => {
  const [calm] = planCalms(SECONDS)
  for (const plan of plans) {
    for (const killMs of calm?.killsMs ?? []) {
      const begun = plan
        .filter(({ atMs }) => atMs < killMs)
        .flatMap(({ atMs, jobs }) => jobs.map((job) => ({ atMs, ...job })))
      const running = begun.filter(({ atMs, input }) => atMs + input.lastsMs > killMs)
      const stillRunning = begun.filter(({ atMs, input }) => atMs + input.lastsMs > killMs + 12_000)

      expect(running.length).toBeGreaterThan(3)
      expect(stillRunning).toEqual([])
    }
  }
})
