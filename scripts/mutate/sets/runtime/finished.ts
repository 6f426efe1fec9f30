import { type Mutation, testsIn } from '../../mutation.ts'
import { BUS, JOBS, SCRIPTS, TESTS } from './files.ts'

const NO_REFERENCE = testsIn(
  TESTS.entries,
  'row 12: leaves no reference to what it has acknowledged or handed back',
)

/** Entries that are done with: acknowledged, handed back, and counted until then. */
export const FINISHED: readonly Mutation[] = [
  {
    id: 'acknowledge-for-others',
    rows: [6],
    off: 'only its owner acknowledges an entry',
    edits: [
      {
        file: `${SCRIPTS}/take.lua`,
        find: `if held[id] or redis.call('XPENDING', key, group, id, id, 1, consumer)[1] then own[#own + 1] = id end`,
        replace: 'own[#own + 1] = id',
      },
    ],
    tests: [
      ...testsIn(
        TESTS.consumer,
        'row 6: acknowledges what it holds beside entries that it still works on or has lost',
      ),
      ...testsIn(
        TESTS.faults,
        'row 6: does not let the acknowledgement of a worker that lost its entry delete it',
      ),
    ],
  },
  {
    id: 'acknowledgements-lost-silent',
    rows: [6],
    off: 'acknowledgements of what was somebody else’s are told of',
    edits: [
      {
        file: `${BUS}/leases.ts`,
        find: `if (lost > 0) observer.acknowledgementsLost?.(queue, lost)`,
        replace: '',
      },
    ],
    tests: testsIn(
      TESTS.metrics,
      "row 6: counts finished entries that were another worker's when they were acknowledged",
    ),
  },
  {
    id: 'hand-back-for-others',
    rows: [9],
    off: 'only its owner hands an entry back',
    edits: [
      {
        file: `${SCRIPTS}/hand-back.lua`,
        find: `if pending and pending[2] == ARGV[2] and entry then`,
        replace: 'if pending and entry then',
      },
    ],
    tests: testsIn(
      TESTS.bus,
      'row 9: gives what is handed back to another consumer at once, and only the owner can hand back',
    ),
  },
  {
    id: 'hand-back-forgets',
    rows: [9],
    off: 'what is handed back is added again',
    edits: [
      {
        file: `${SCRIPTS}/hand-back.lua`,
        find: `redis.call('XADD', KEYS[1], '*', unpack(entry[2]))`,
        replace: '',
      },
    ],
    tests: testsIn(
      TESTS.bus,
      'row 9: gives what is handed back to another consumer at once, and only the owner can hand back',
    ),
  },
  {
    id: 'hand-back-by-expiry',
    rows: [9],
    off: 'what a consumer gives back others have before its lease runs out',
    edits: [
      {
        file: `${BUS}/consumer.ts`,
        find: ': bus.handBack(stream, consumer, [entryId])',
        replace: ': Promise.resolve(0)',
      },
    ],
    tests: testsIn(TESTS.consumer, 'row 9: gives what it hands back to another consumer'),
  },
  {
    id: 'taken-over-comes-anew',
    rows: [9],
    off: 'what was taken over and can not begin keeps its id',
    edits: [
      {
        file: `${BUS}/consumer.ts`,
        find: 'bus.release({ stream, consumer, entryIds: [entryId], leaseMs })',
        replace: 'bus.handBack(stream, consumer, [entryId])',
      },
    ],
    tests: testsIn(
      TESTS.held,
      'row 9: lets others have at once, by its own id, what it took over and can not begin',
    ),
  },
  {
    id: 'delete-without-ack',
    rows: [12],
    off: 'what is deleted leaves no reference pending',
    edits: [
      {
        file: `${SCRIPTS}/take.lua`,
        find: `redis.call('XACK', KEYS[lane], group, unpack(own))`,
        replace: '',
      },
    ],
    tests: NO_REFERENCE,
  },
  {
    id: 'ack-without-delete',
    rows: [12, 14],
    off: 'what is acknowledged is deleted',
    edits: [
      { file: `${SCRIPTS}/take.lua`, find: `redis.call('XDEL', KEYS[lane], unpack(own))`, replace: '' },
    ],
    tests: [
      ...NO_REFERENCE,
      ...testsIn(
        TESTS.entries,
        'rows 14, 15: counts what waits and runs exactly where the lag of Redis itself goes null',
      ),
    ],
  },
  {
    id: 'hand-back-without-ack',
    rows: [12],
    off: 'what is handed back leaves no reference pending',
    edits: [
      {
        file: `${SCRIPTS}/hand-back.lua`,
        find: `redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])`,
        replace: '',
      },
    ],
    tests: NO_REFERENCE,
  },
  {
    id: 'depth-by-lag',
    rows: [14, 15],
    off: 'depth is the length of the streams, not what Redis says of its group',
    edits: [
      {
        file: `${BUS}/bus.ts`,
        find: 'LANES.map((lane) => redis.xlen(streamKey(prefix, queue, lane)))',
        replace: `LANES.map(async (lane) => {
          const [group] = (await redis.xinfo('GROUPS', streamKey(prefix, queue, lane))) as unknown[][]
          const of = (name: string) => Number(group?.[group.indexOf(name) + 1] ?? 0)
          return of('pending') + of('lag')
        })`,
      },
    ],
    tests: testsIn(
      TESTS.entries,
      'rows 14, 15: counts what waits and runs exactly where the lag of Redis itself goes null',
    ),
  },
  {
    id: 'scale-by-running',
    rows: [15],
    off: 'the gauge to scale by counts what waits',
    edits: [
      {
        file: `${JOBS}/operate/queue-states.ts`,
        find: 'depth: (jobs.queued ?? 0) + (jobs.running ?? 0),',
        replace: 'depth: jobs.running ?? 0,',
      },
    ],
    tests: testsIn(
      TESTS.metrics,
      'row 15: measures every queue from Postgres and Redis, and leaves all of it out while Postgres is away',
    ),
  },
]
