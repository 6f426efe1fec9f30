import { type Mutation, testsIn } from '../../mutation.ts'
import { BUS, SCRIPTS, TESTS } from './files.ts'

/** Consumers: how they leave their groups, and how those of the dead are swept. */
export const CONSUMERS: readonly Mutation[] = [
  {
    id: 'consumers-stay',
    rows: [10],
    off: 'consumers of dead workers are swept',
    edits: [
      { file: `${BUS}/dead-consumers.ts`, find: 'idle.slice(0, MOST_AT_ONCE)', replace: 'idle.slice(0, 0)' },
    ],
    tests: testsIn(
      TESTS.sweeper,
      'row 10: takes consumers of dead workers out of the group, and leaves those whose worker beats',
    ),
  },
  {
    id: 'sweep-the-living',
    rows: [10],
    off: 'consumers whose worker beats are left alone',
    edits: [{ file: `${BUS}/dead-consumers.ts`, find: ' && !living.has(consumer.name)', replace: '' }],
    tests: testsIn(
      TESTS.sweeper,
      'row 10: takes consumers of dead workers out of the group, and leaves those whose worker beats',
    ),
  },
  {
    id: 'sweep-the-busy',
    rows: [10],
    off: 'only consumers that were idle for long are swept',
    edits: [
      { file: `${BUS}/dead-consumers.ts`, find: 'consumer.idle >= idleMs && ', replace: '' },
      {
        file: `${SCRIPTS}/remove-consumer.lua`,
        find: 'fields.idle < leastIdle',
        replace: 'false',
      },
    ],
    tests: testsIn(
      TESTS.sweeper,
      'row 10: leaves a consumer that has done something within the time, by the clock of Redis',
    ),
  },
  {
    id: 'stays-in-the-group',
    rows: [10],
    off: 'a consumer that closes leaves its groups',
    edits: [
      {
        file: `${BUS}/consumer.ts`,
        find: 'await bus.removeConsumer(queue, consumer).catch(() => {})',
        replace: 'void [bus, queue, consumer]',
      },
    ],
    tests: testsIn(TESTS.consumer, 'row 10: leaves the group when it closes and holds nothing'),
  },
  {
    id: 'remove-after-a-stale-read',
    rows: [11],
    off: 'whether entries are pending is looked up in the script that removes the consumer',
    edits: [
      {
        file: `${SCRIPTS}/remove-consumer.lua`,
        find: `if redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])[1] then`,
        replace: 'if false then',
      },
    ],
    tests: [
      ...testsIn(TESTS.bus, 'row 11: does not remove a consumer on which entries are pending'),
      ...testsIn(
        TESTS.sweeper,
        'row 11: looks again inside Redis: what was pending on nobody a moment ago may be now',
      ),
    ],
  },
]
