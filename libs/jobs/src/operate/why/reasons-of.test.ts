import { expect, it } from 'vitest'
import type { JobFacts } from './reasons.ts'
import { reasonsOf } from './reasons-of.ts'

const T = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds))

/** A job that nothing keeps back. */
const free: JobFacts = {
  id: 'j1',
  type: 'tag',
  version: 1,
  queue: 'tag',
  lane: 'normal',
  status: 'queued',
  now: T(30),
  runAt: T(0),
  startedAt: null,
  completedAt: null,
  holdReason: null,
  waitingFor: null,
  alone: false,
  attempts: 0,
  maxAttempts: 3,
  errorCode: null,
  errorMessage: null,
  blockers: { jobs: [], count: 0 },
  children: { jobs: [], count: 0 },
  control: null,
  workers: { live: 2, slots: 4, running: 1, knowing: 2 },
  holder: null,
  limit: null,
  ticket: { at: 'waits', sentAt: null },
  ahead: { own: 0, isCounted: true, before: 0 },
  isRedisThere: true,
  deadLetter: null,
  cancelledBy: null,
}

const control = { queue: 'tag', pausedBy: 'ada', pausedAt: T(1), reason: 'a new model', draining: false }
const related = (
  type: string,
  status: 'failed' | 'running' | 'pending',
  errorMessage: string | null = null,
) => ({
  id: `of-${type}`,
  type,
  status,
  errorMessage,
})
const holder = { workerId: 'w1', service: 'ai-worker', silentMs: 3_000, isLive: true }

it.each<[string, Partial<JobFacts>, string[]]>([
  ['nothing keeps it back', {}, ['due: it is due: its ticket is sent at the next look, within seconds']],
  [
    'its ticket stands on the stream',
    { ticket: { at: 'stands', sentAt: T(5) } },
    [
      'ticket-sent: its ticket stands on the stream since 2026-01-01T12:00:05.000Z: the next free worker takes it',
    ],
  ],
  [
    'Redis has lost its ticket',
    { ticket: { at: 'gone', sentAt: T(5) } },
    ['ticket-lost: its ticket is gone from Redis: reconciling sends another within some 20 seconds'],
  ],
  [
    'its queue is paused',
    { control },
    ['queue-paused: ada has paused the queue tag at 2026-01-01T12:00:01.000Z: a new model'],
  ],
  [
    'it is parked',
    { holdReason: 'unknown-version:tag@2' },
    ['parked: it is parked, because a worker did not know tag@2: it goes on once one is there that does'],
  ],
  ['somebody holds it', { holdReason: 'over budget' }, ['held: it is held: over budget']],
  [
    'it is delayed',
    { runAt: T(42) },
    ['delayed: it is delayed until 2026-01-01T12:00:42.000Z, for another 12 s'],
  ],
  [
    'it is tried again later',
    { runAt: T(42), attempts: 1, errorMessage: 'no answer' },
    [
      'delayed: it is delayed until 2026-01-01T12:00:42.000Z, for another 12 s, 1 of 3 attempts spent, the last with: no answer',
    ],
  ],
  [
    'its provider is stopped',
    {
      runAt: T(42),
      waitingFor: 'provider:openai',
      errorCode: 'provider-stopped',
      errorMessage: 'OpenAI refuses our key.',
    },
    ['put-off: OpenAI refuses our key. It looks again at 2026-01-01T12:00:42.000Z'],
  ],
  [
    'a bucket is empty',
    {
      runAt: T(33),
      limit: { kind: 'rate', name: 'rate:openai/x', state: { tokens: 0, refillsInMs: 2_000, waiting: 7 } },
    },
    [
      'waits-for-limit: the bucket rate:openai/x refills at 2026-01-01T12:00:32.000Z, with 7 in the line; its turn comes at 2026-01-01T12:00:33.000Z',
    ],
  ],
  [
    'a key is taken',
    {
      runAt: T(20),
      limit: {
        kind: 'concurrency',
        name: 'concurrency:gpu',
        state: { most: 1, waiting: 2, holders: ['j9'] },
      },
    },
    ['waits-for-limit: concurrency:gpu is held by job j9 (1 of 1), with 2 in the line; it was called'],
  ],
  [
    'nobody reads its queue',
    { workers: { live: 0, slots: 0, running: 0, knowing: 0 }, ticket: { at: 'stands', sentAt: T(5) } },
    [
      'no-worker: no live worker reads the queue tag',
      'ticket-sent: its ticket stands on the stream since 2026-01-01T12:00:05.000Z: the next free worker takes it',
    ],
  ],
  [
    'nobody knows its version',
    { version: 2, workers: { live: 2, slots: 4, running: 0, knowing: 0 } },
    ['type-unknown: 2 live workers read the queue tag, and none of them knows tag@2'],
  ],
  [
    'every slot is taken and its owner has others before it',
    {
      workers: { live: 2, slots: 4, running: 4, knowing: 2 },
      ahead: { own: 10_000, isCounted: false, before: 20_003 },
    },
    [
      'slots-busy: all slots are busy (4 of 4); about 20003 start before this one',
      'behind-others: its owner has at least 10000 ahead of it in this lane; about 20003 start before this one',
    ],
  ],
  [
    'Redis is away',
    { isRedisThere: false, ticket: { at: 'unknown', sentAt: T(5) } },
    ['redis-away: Redis does not answer, so no ticket can be sent or read'],
  ],
  [
    'several things keep it back: what lasts longest comes first',
    { control, holdReason: 'x', runAt: T(60), workers: { live: 0, slots: 0, running: 0, knowing: 0 } },
    [
      'queue-paused: ada has paused the queue tag at 2026-01-01T12:00:01.000Z: a new model',
      'held: it is held: x',
      'delayed: it is delayed until 2026-01-01T12:01:00.000Z, for another 30 s',
      'no-worker: no live worker reads the queue tag',
    ],
  ],
  [
    'it waits for others',
    {
      status: 'pending',
      blockers: {
        jobs: [related('transcribe', 'failed', 'no sound'), related('embed', 'running')],
        count: 5,
      },
    },
    [
      'waits-for-job: it waits for transcribe of-transcribe, which is failed: no sound, and goes on once that one is redriven',
      'waits-for-job: it waits for embed of-embed, which is running',
      'waits-for-job: it waits for 3 more',
    ],
  ],
  [
    'its release was lost',
    { status: 'pending' },
    ['awaiting-release: all that it waited for is done: the next look of any process frees it'],
  ],
  [
    'its children are at work',
    {
      status: 'waiting',
      children: { jobs: [related('part', 'failed'), related('stitch', 'pending')], count: 2 },
    },
    ['waits-for-children: it waits for its children, 2 of which are not done; part of-part is failed'],
  ],
  [
    'it runs',
    { status: 'running', startedAt: T(3), holder },
    ['running: it runs on w1 since 2026-01-01T12:00:03.000Z'],
  ],
  [
    'it has its process to itself',
    { status: 'running', alone: true, holder },
    ['running: it runs on w1, with its process to itself once what runs there has ended'],
  ],
  [
    'its worker is silent',
    { status: 'running', holder: { ...holder, silentMs: 20_400, isLive: false } },
    [
      'worker-silent: its worker has been silent for 20 s: another takes it over as soon as the lease has run out',
      'running: it runs on w1',
    ],
  ],
  [
    'it is a dead letter',
    {
      status: 'failed',
      deadLetter: {
        id: 'd1',
        errorCode: 'media-unreadable',
        message: 'no sound',
        diedAt: T(9),
        resolution: null,
      },
    },
    [
      'dead-letter: it is a dead letter since 2026-01-01T12:00:09.000Z because no sound, and waits to be redriven or discarded',
    ],
  ],
  [
    'it failed for another',
    { status: 'failed', errorMessage: 'a child failed' },
    ['failed: it failed: a child failed'],
  ],
  [
    'it is done',
    { status: 'completed', completedAt: T(9) },
    ['completed: it completed at 2026-01-01T12:00:09.000Z'],
  ],
  [
    'somebody cancelled it',
    { status: 'cancelled', completedAt: T(9), cancelledBy: 'ada' },
    ['cancelled: it was cancelled by ada at 2026-01-01T12:00:09.000Z'],
  ],
])('says so where %s', (_, facts, expected) => {
  const reasons = reasonsOf({ ...free, ...facts })

  expect(reasons.map(({ code, message }) => `${code}: ${message}`)).toEqual(expected)
})
