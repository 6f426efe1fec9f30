import { type Mutation, testsIn } from '../../mutation.ts'
import { BUS, FUNCTIONS, JOBS, SCRIPTS, TESTS, TURNS } from './files.ts'

/** Who has how much: slots, lanes, owners; and when. */
export const SHARES: readonly Mutation[] = [
  {
    id: 'count-of-each-lane',
    rows: [21],
    off: 'what one lane has taken of the free slots the others may not have',
    edits: [{ file: `${SCRIPTS}/take.lua`, find: 'rest = rest - #more', replace: '' }],
    tests: testsIn(TESTS.bus, 'row 21: never holds more than it was asked for, over all lanes'),
  },
  {
    id: 'runs-beyond-its-slots',
    rows: [21],
    off: 'what a blocked read brings beyond the slots goes back',
    edits: [
      {
        file: `${BUS}/consumer.ts`,
        find: 'if (this.#free() > 0) void this.#run(delivery)',
        replace: 'if (deliveries.length > 0) void this.#run(delivery)',
      },
    ],
    tests: testsIn(TESTS.consumer, 'row 21: gives back what a read of all lanes brings beyond its slots'),
  },
  {
    id: 'prefetch',
    rows: [22],
    off: 'no more is read than there are free slots',
    edits: [
      {
        file: `${BUS}/consumer.ts`,
        find: 'return Math.max(this.#options.slots - this.#held.size, 0)',
        replace: 'return this.#options.slots',
      },
    ],
    tests: testsIn(TESTS.consumer, 'row 22: holds no more than its slots, and leaves nothing behind'),
  },
  {
    id: 'whoever-has-most',
    rows: [23],
    off: 'tickets go to whoever has least standing or running',
    edits: [
      {
        file: `${JOBS}/plan-admission.ts`,
        find: 'held: heldBy.get(share.ownerId) ?? 0 }',
        replace: 'held: heldBy.size * 0 }',
      },
    ],
    tests: testsIn(TESTS.admission, 'row 23: sends an owner’s ten before more of an owner’s thousands'),
  },
  {
    id: 'same-owners-first',
    rows: [],
    off: 'among owners that hold equally little the turn begins with one that is drawn',
    edits: [
      {
        file: `${JOBS}/mark-due.ts`,
        find: 'tieBreak = Math.random()',
        replace: 'tieBreak = 0',
      },
    ],
    tests: testsIn(TESTS.admission, 'gives every owner a turn where more wait than there are places'),
  },
  {
    id: 'first-thousand-owners',
    rows: [],
    off: 'where more owners wait than are chosen from, these begin at a place that is drawn',
    edits: [
      {
        file: `${JOBS}/mark-due.ts`,
        find: 'behind = randomUUID()',
        replace: "behind = '00000000-0000-0000-0000-000000000000'",
      },
    ],
    tests: testsIn(TESTS.admission, 'gives those a turn who wait behind more owners than it chooses from'),
  },
  {
    id: 'dispatchers-decide-at-once',
    rows: [],
    off: 'one dispatcher at a time decides what may stand',
    edits: [
      {
        file: `${JOBS}/mark-due.ts`,
        find: ' where mine.locked',
        replace: '',
      },
    ],
    tests: testsIn(TESTS.admission, 'decides nothing while another dispatcher is at it'),
  },
  {
    id: 'low-lane-starves',
    rows: [24],
    off: 'every lane has its turns',
    edits: [
      {
        file: `${BUS}/lane-turns.ts`,
        find: '{ high: 6, normal: 3, low: 1 }',
        replace: '{ high: 9, normal: 1, low: 0 }',
      },
    ],
    tests: [
      ...testsIn(
        `${BUS}/lane-turns.test.ts`,
        'row 24: gives high, normal and low six, three and one of ten turns, however few slots are free at a time',
      ),
      ...testsIn(
        TESTS.consumer,
        'row 24: with %i slots and all lanes full the low one gets a tenth of the starts, the high one six',
      ),
    ],
  },
  {
    id: 'too-early',
    rows: [25],
    off: 'a delayed job is sent once it is due',
    edits: [
      {
        file: TURNS,
        find: 'select owner_id from share where is_due',
        replace: 'select owner_id from share where looked_at > 0',
      },
      {
        file: FUNCTIONS,
        find: `owner_id = share."ownerId" and run_at <= now()`,
        replace: `owner_id = share."ownerId"`,
      },
    ],
    tests: testsIn(
      TESTS.jobLife,
      'row 25: never sends a delayed job before its time by the clock of Postgres',
    ),
  },
  {
    id: 'sleeps-through',
    rows: [25],
    off: 'the dispatcher knows when the next job is due',
    edits: [
      {
        file: `${JOBS}/dispatch-outlook.ts`,
        find: 'nextDueMs === null ? undefined : Math.max(0, nextDueMs)',
        replace: 'undefined',
      },
    ],
    tests: testsIn(
      TESTS.jobLife,
      'row 25: sleeps until the next delayed job falls due, by the clock of Postgres',
    ),
  },
  {
    id: 'paused-queue-starts',
    rows: [],
    off: 'nothing of a paused queue is sent',
    edits: [
      {
        file: TURNS,
        find: ') due\n  where queue not in (select queue from queue_controls);',
        replace: ') due;',
      },
    ],
    tests: testsIn(TESTS.admission, 'sends nothing of a queue that is paused, and nothing but what is due'),
  },
  {
    id: 'begins-beside-a-crashed-job',
    rows: [],
    off: 'a job with a crash behind it runs alone in its process',
    edits: [
      {
        file: `${JOBS}/handle-delivery.ts`,
        find: 'if (row.crashes === 0) return gate.enter()',
        replace: 'if (row.crashes >= 0) return gate.enter()',
      },
    ],
    tests: testsIn(
      TESTS.faults,
      'lets a job with a crash behind it wait until its process is empty, and nothing else begin',
    ),
  },
  {
    id: 'window-ignored',
    rows: [],
    off: 'no more tickets stand than the window holds',
    edits: [
      {
        file: `${JOBS}/plan-admission.ts`,
        find: 'Math.min(window - tickets, left)',
        replace: 'Math.min(window - tickets * 0, left)',
      },
    ],
    tests: testsIn(
      TESTS.admission,
      'lets no more tickets stand than the window holds, and tops it up as they are claimed',
    ),
  },
  {
    id: 'dead-holders-keep-slots',
    rows: [],
    off: 'the slot of a limit whose holder died is freed',
    edits: [
      {
        file: `${SCRIPTS}/limits/slots.lua`,
        find: `redis.call('ZREMRANGEBYSCORE', HOLDERS, '-inf', now)`,
        replace: '',
      },
    ],
    tests: testsIn(
      `${BUS}/limits/slots.int.test.ts`,
      'frees the slot of a holder that says nothing any more, and keeps that of one that does',
    ),
  },
  {
    id: 'refusals-teach-nothing',
    rows: [],
    off: 'a bucket is empty for as long as the provider says',
    edits: [
      { file: `${SCRIPTS}/limits/learn.lua`, find: 'if empty_for >= 0 then', replace: 'if false then' },
    ],
    tests: testsIn(
      `${BUS}/limits/buckets.int.test.ts`,
      'gives nothing for as long as a provider says, then one token at a time',
    ),
  },
]
