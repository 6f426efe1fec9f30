import type { Entry } from '../contest/contestant.ts'
import type { Row } from './row.ts'

const PUBLISHED = { batch: 500, atOnce: 1 }

/** The transport by itself: no Postgres, a handler that does nothing. `scale` is the share of the usual jobs. */
export function busRows(scale: number): Row[] {
  const jobs = (usual: number) => Math.max(10, Math.round(usual * scale))
  return [publish(jobs(60_000)), ...consume(jobs), memory(jobs(20_000)), pickup(jobs(400))]
}

function publish(jobs: number): Row {
  return {
    title: 'publish in bulk, transport only',
    entries: {
      ours: ours('publish', { jobs, ...PUBLISHED }),
      'BullMQ addBulk': bullmq('publish', { jobs, ...PUBLISHED }),
      'raw XADD': raw('publish', { jobs, ...PUBLISHED }),
    },
    metrics: [
      {
        name: 'publish in bulk, transport only',
        key: 'perSecond',
        unit: 'jobs/s',
        better: 'higher',
        bars: [
          { against: 'BullMQ addBulk', ratio: 3 },
          { against: 'raw XADD', ratio: 0.5 },
        ],
      },
    ],
    known: { 'BullMQ addBulk': 23_000, 'raw XADD': 100_000 },
  }
}

function consume(jobs: (usual: number) => number): Row[] {
  const atOnce100 = { jobs: jobs(40_000), ...PUBLISHED }
  const atOnce1 = { jobs: jobs(8_000), ...PUBLISHED }
  const metric = { key: 'perSecond', unit: 'jobs/s', better: 'higher' } as const
  return [
    {
      title: 'consume no-op, 100 at once, transport only',
      entries: {
        ours: ours('consume', { ...atOnce100, slots: 100 }),
        BullMQ: bullmq('consume', { ...atOnce100, concurrency: 100 }),
        'raw read + ack + delete': raw('consume', { ...atOnce100, read: 100 }),
      },
      metrics: [
        {
          ...metric,
          name: 'consume no-op, 100 at once, transport only',
          bars: [
            { against: 'BullMQ', ratio: 3 },
            { against: 'raw read + ack + delete', ratio: 0.4 },
          ],
        },
      ],
      known: { BullMQ: 16_000, 'raw read + ack + delete': 180_000 },
    },
    {
      title: 'consume no-op, one at a time',
      entries: {
        ours: ours('consume', { ...atOnce1, slots: 1 }),
        BullMQ: bullmq('consume', { ...atOnce1, concurrency: 1 }),
      },
      metrics: [
        { ...metric, name: 'consume no-op, one at a time', bars: [{ against: 'BullMQ', ratio: 1.5 }] },
      ],
      known: { BullMQ: 4_400 },
    },
  ]
}

function memory(jobs: number): Row {
  return {
    title: 'bytes in Redis per waiting job',
    entries: {
      ours: ours('memory', { jobs, ...PUBLISHED }),
      BullMQ: bullmq('memory', { jobs, ...PUBLISHED }),
      'raw stream entry': raw('memory', { jobs, ...PUBLISHED }),
    },
    metrics: [
      {
        name: 'bytes in Redis per waiting job',
        key: 'bytes',
        unit: 'bytes',
        better: 'lower',
        bars: [{ against: 'BullMQ', ratio: 0.35 }],
      },
    ],
    known: { BullMQ: 804 },
  }
}

function pickup(jobs: number): Row {
  const options = { jobs, restMs: 5 }
  const quantile = (key: string) =>
    ({
      name: `idle pickup, publish to handler, ${key}`,
      key,
      unit: 'ms',
      better: 'lower',
      bars: [{ against: 'BullMQ', ratio: 1 }],
    }) as const
  return {
    title: 'idle pickup',
    entries: { ours: ours('pickup', options), BullMQ: bullmq('pickup', options) },
    metrics: [quantile('p50'), quantile('p99')],
  }
}

const entryOf =
  (program: Entry['program']) =>
  (task: string, options: Entry['options']): Entry => ({
    program,
    task,
    options,
  })
const ours = entryOf('ours on the bus')
const bullmq = entryOf('BullMQ on Redis')
const raw = entryOf('raw Redis')
