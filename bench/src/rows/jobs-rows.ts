import type { Entry } from '../contest/contestant.ts'
import type { Bar, Metric } from '../report/assess.ts'
import type { Row } from './row.ts'

/** The whole durable path: what is claimed and completed is committed in Postgres. */
export function jobsRows(scale: number): Row[] {
  const jobs = (usual: number) => Math.max(10, Math.round(usual * scale))
  return [
    durable(jobs(6_000), 32),
    durable(jobs(6_000), 128),
    pickup(jobs(300)),
    delayed(jobs(10_000)),
    book(scale < 0.1 ? 5 : 200),
    backlog(jobs(1_000_000), jobs(20)),
  ]
}

function durable(jobs: number, concurrency: number): Row {
  const title = `whole durable path, ${concurrency} at once`
  return {
    title,
    entries: {
      ours: ours('durable', { jobs, concurrency }),
      'BullMQ on Postgres': entry('BullMQ on Postgres', 'durable', {
        jobs,
        concurrency,
        connections: concurrency,
      }),
      'graphile-worker': entry('graphile-worker', 'durable', { jobs, concurrency, batched: false }),
      'graphile-worker batched': entry('graphile-worker', 'durable', { jobs, concurrency, batched: true }),
      'pg-boss': entry('pg-boss', 'durable', { jobs, concurrency }),
    },
    metrics: [
      {
        name: title,
        key: 'perSecond',
        unit: 'jobs/s',
        better: 'higher',
        bars: [
          { against: 'BullMQ on Postgres', ratio: 3 },
          { against: 'graphile-worker', ratio: 1.2 },
        ],
      },
    ],
    known: { 'BullMQ on Postgres': 1_487, 'graphile-worker': 3_609 },
  }
}

function pickup(jobs: number): Row {
  const options = { jobs, restMs: 20 }
  const title = "commit of a new job to its handler's start"
  return {
    title,
    entries: {
      ours: ours('pickup', options),
      'BullMQ on Postgres': entry('BullMQ on Postgres', 'pickup', options),
      'graphile-worker': entry('graphile-worker', 'pickup', options),
    },
    metrics: [atMost(`${title}, p50`, 'p50', 3), atMost(`${title}, p99`, 'p99', 10)],
  }
}

function delayed(jobs: number): Row {
  const title = `${jobs.toLocaleString('en')} delayed jobs: how late one starts`
  return {
    title,
    entries: { ours: ours('delayed', { jobs }) },
    metrics: [atMost(`${title}, p50`, 'p50', 100), atMost(`${title}, p99`, 'p99', 100)],
  }
}

function book(chapters: number): Row {
  const title = `creating a ${chapters}-chapter book's ${2 * chapters + 2} jobs`
  return { title, entries: { ours: ours('book', { chapters }) }, metrics: [atMost(title, 'ms', 100)] }
}

/** The same with a thousand and with a million jobs waiting, but for what may take twice as long. */
function backlog(waiting: number, rounds: number): Row {
  const title = `a queue of ${waiting.toLocaleString('en')} waiting jobs`
  const few = Math.min(1_000, waiting / 2)
  const against = `at ${few.toLocaleString('en')}`
  const metric = (what: string, key: string): Metric => ({
    name: `${title}: ${what}`,
    key,
    unit: 'ms',
    better: 'lower',
    bars: [{ against, ratio: 2 }],
  })
  return {
    title,
    entries: {
      ours: ours('backlog', { waiting, rounds }),
      [against]: ours('backlog', { waiting: few, rounds }),
    },
    metrics: [metric('dispatch', 'dispatchMs'), metric('claim', 'claimMs'), metric('queue pages', 'pagesMs')],
  }
}

function atMost(name: string, key: string, limit: number): Metric {
  const bars: Bar[] = [{ against: `${limit} ms`, ratio: 1, limit }]
  return { name, key, unit: 'ms', better: 'lower', bars }
}

const entry = (program: Entry['program'], task: string, options: Entry['options']): Entry => ({
  program,
  task,
  options,
})
const ours = (task: string, options: Entry['options']) => entry('ours in Postgres', task, options)
