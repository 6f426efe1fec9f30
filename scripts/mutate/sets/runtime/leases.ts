import { type Mutation, testsIn } from '../../mutation.ts'
import { BUS, JOBS, SCRIPTS, TESTS } from './files.ts'

const BLOCKED = 'row 7: a handler that blocks the event loop for longer than a lease completes its job itself'

/** Leases: renewed for as long as somebody is at work, lost to whoever took the entry over. */
export const LEASES: readonly Mutation[] = [
  {
    id: 'renew-counts-deliveries',
    rows: [5],
    off: 'renewing a lease is no delivery',
    edits: [{ file: `${SCRIPTS}/renew.lua`, find: `0, ARGV[i], 'JUSTID')`, replace: '0, ARGV[i])' }],
    tests: testsIn(TESTS.bus, 'row 5: keeps the delivery count when it renews a lease'),
  },
  {
    id: 'renew-steals-back',
    rows: [6],
    off: 'renewing asks whose the entry is',
    edits: [
      {
        file: `${SCRIPTS}/renew.lua`,
        find: 'elseif pending[2] ~= ARGV[2] then',
        replace: 'elseif false then',
      },
    ],
    tests: [
      ...testsIn(
        TESTS.keeper,
        'row 6: tells once of an entry that another consumer has taken over, and leaves it to that one',
      ),
      ...testsIn(
        TESTS.faults,
        'row 6: does not let the acknowledgement of a worker that lost its entry delete it',
      ),
    ],
  },
  {
    id: 'never-released',
    rows: [6],
    off: 'what is finished is not renewed any more',
    edits: [
      {
        file: `${BUS}/lease-table.ts`,
        find: 'for (const lease of released) entries.delete(lease)',
        replace: 'void released',
      },
    ],
    tests: testsIn(TESTS.keeper, 'row 6: renews what is held, and not what is released or was never held'),
  },
  {
    id: 'held-not-renewed',
    rows: [7],
    off: 'a process renews what it was delivered',
    edits: [{ file: `${JOBS}/consumer.ts`, find: 'this.#shell.leases.hold(run)', replace: '' }],
    tests: testsIn(TESTS.liveness, BLOCKED),
  },
  {
    id: 'blocked-not-renewed',
    rows: [7],
    off: 'a run that blocks the main thread keeps its lease',
    edits: [
      {
        file: `${BUS}/lease-table.ts`,
        find: 'filter(({ untilMs }) => answers || nowMs < untilMs)',
        replace: 'filter(() => answers)',
      },
    ],
    tests: [
      ...testsIn(TESTS.keeper, 'row 7: renews the lease of a run that blocks this thread'),
      ...testsIn(
        `${BUS}/lease-table.test.ts`,
        'row 7: renews runs until their deadline while the main thread is silent, and nothing else',
      ),
    ],
  },
  {
    id: 'renewed-for-ever',
    rows: [7],
    off: 'a process that hangs keeps nothing beyond the deadline of its runs',
    edits: [
      {
        file: `${BUS}/lease-table.ts`,
        find: 'filter(({ untilMs }) => answers || nowMs < untilMs)',
        replace: 'filter(() => answers || true)',
      },
    ],
    // That it is taken over then is another test, which would wait for two minutes.
    tests: testsIn(
      `${BUS}/lease-table.test.ts`,
      'row 7: renews runs until their deadline while the main thread is silent, and nothing else',
    ),
  },
  {
    id: 'begun-in-silence',
    rows: [7],
    off: 'the thread knows of a run before its first line',
    edits: [
      {
        file: `${JOBS}/run-job.ts`,
        find: 'await shell.leases.begin(active, definition.timeoutMs)',
        replace: '',
      },
    ],
    tests: testsIn(TESTS.liveness, BLOCKED),
  },
  {
    id: 'thread-dies-once',
    rows: [7],
    off: 'a thread that died is started again',
    edits: [
      { file: `${BUS}/lease-keeper.ts`, find: `thread.once('exit', () => this.#restart())`, replace: '' },
    ],
    tests: testsIn(TESTS.keeper, 'row 7: goes on in a new thread where one has died'),
  },
  {
    id: 'lost-entry-unnoticed',
    rows: [],
    off: 'a run is told at once that another has its entry',
    edits: [
      {
        file: `${JOBS}/shell.ts`,
        find: `onLost: (run) => active.abort(run, 'lost', 'another worker has taken the job over'),`,
        replace: 'onLost: () => {},',
      },
    ],
    tests: testsIn(TESTS.faults, 'tells a run at once that another consumer has its entry'),
  },
  {
    id: 'lost-row-unnoticed',
    rows: [],
    off: 'a run is told by its row that it has lost its job',
    edits: [
      {
        file: `${JOBS}/liveness.ts`,
        find: 'before.filter((run) => !isHeld(run)),',
        replace: 'before.filter((run) => !isHeld(run) && false),',
      },
    ],
    tests: testsIn(TESTS.faults, 'tells a run whose job was %s from another by its row alone'),
  },
  {
    id: 'cancel-not-pushed',
    rows: [],
    off: 'a cancelled run hears of it at once',
    edits: [
      {
        file: `${JOBS}/liveness.ts`,
        find: 'onCancelled: (ids) => active.cancel(ids),',
        replace: 'onCancelled: () => {},',
      },
    ],
    tests: testsIn(TESTS.faults, 'tells a run by a hint alone that its job was cancelled'),
  },
  {
    id: 'orphans-stay',
    rows: [],
    off: 'what Postgres takes for running here and nobody here runs goes back',
    edits: [
      {
        file: `${JOBS}/liveness.ts`,
        find: 'if (await jobs.handBack({ jobId: row.id, fence: row.fence })) dispatchSoon()',
        replace: 'void [row, dispatchSoon]',
      },
    ],
    tests: testsIn(TESTS.faults, 'hands back what Postgres takes for running here and nobody here runs'),
  },
  {
    id: 'takes-over-after-an-outage',
    rows: [7],
    off: 'after an outage nobody takes over for one lease',
    edits: [
      {
        file: `${BUS}/consumer.ts`,
        find: 'this.#unlisten = this.#options.bus.onReconnect(this.#putOffScan)',
        replace: '',
      },
    ],
    tests: testsIn(
      TESTS.consumer,
      'row 7: takes nothing over for one lease after an outage, in which nobody could renew',
    ),
  },
]
