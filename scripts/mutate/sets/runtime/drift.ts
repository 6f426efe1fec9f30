import { type Mutation, testsIn } from '../../mutation.ts'
import { JOBS, TESTS } from './files.ts'

const EMPTIED =
  'rows 20, 26: sends every queued job again after Redis was emptied, and leaves what a living worker runs alone'
const SILENT =
  'gives a job of a silent worker to another where its entry is gone, and not where it still stands'

/** What is put right afterwards, and what waits until somebody can do it. */
export const DRIFT: readonly Mutation[] = [
  {
    id: 'tickets-not-sent-again',
    rows: [20, 26, 27],
    off: 'tickets that Redis has lost are sent again',
    edits: [
      {
        file: `${JOBS}/reconcile.ts`,
        find: 'const ticketsLost = await resendLostTickets(jobs, bus)',
        replace: 'const ticketsLost = 0 * Number(resendLostTickets.length)',
      },
    ],
    tests: [
      ...testsIn(TESTS.faults, EMPTIED),
      ...testsIn(
        `${JOBS}/topologies.int.test.ts`,
        'row 27: runs every job of which a failover lost the ticket and the group',
      ),
    ],
  },
  {
    id: 'runs-not-queued-again',
    rows: [],
    off: 'runs of silent workers whose entry is gone go back to the queue',
    edits: [
      {
        file: `${JOBS}/reconcile.ts`,
        find: 'const runsLost = await requeueLostRuns(jobs, bus)',
        replace: 'const runsLost = 0 * Number(requeueLostRuns.length)',
      },
    ],
    tests: testsIn(TESTS.faults, SILENT),
  },
  {
    id: 'runs-queued-under-their-entry',
    rows: [],
    off: 'they stay where their entry still stands',
    edits: [
      {
        file: `${JOBS}/reconcile.ts`,
        find: 'const gone = await withoutEntry(bus, rows)',
        replace: 'const gone = rows',
      },
    ],
    tests: testsIn(TESTS.faults, SILENT),
  },
  {
    id: 'living-taken-for-dead',
    rows: [20],
    off: 'what a worker runs that beats is left alone, though Redis was emptied',
    edits: [
      {
        file: `${JOBS}/drift.ts`,
        find: `where workers.id = job.worker_id and beat_at`,
        replace: `where false and beat_at`,
      },
    ],
    tests: testsIn(TESTS.faults, EMPTIED),
  },
  {
    id: 'marks-stay',
    rows: [],
    off: 'marks of dispatchers that died are taken away',
    edits: [
      {
        file: `${JOBS}/mark-due.ts`,
        find: `dispatch_after <= now() and dispatched_at is null`,
        replace: `dispatch_after <= now() and dispatched_at is null and false`,
      },
    ],
    tests: testsIn(
      TESTS.faults,
      'sends a ticket again that was marked by a dispatcher which died before sending it',
    ),
  },
  {
    id: 'reads-while-postgres-is-away',
    rows: [],
    off: 'nothing is read while Postgres is away',
    edits: [{ file: `${JOBS}/consumer.ts`, find: ' && shell.postgres.isOpen()', replace: '' }],
    tests: testsIn(
      `${JOBS}/postgres-away.int.test.ts`,
      'with Postgres away reads nothing, renews its leases, acknowledges nothing, and commits when it is back',
    ),
  },
  {
    id: 'unknown-version-runs',
    rows: [],
    off: 'a job of a type or version that its worker does not know is parked',
    edits: [
      {
        file: `${JOBS}/run-job.ts`,
        find: 'if (hold) return await park(shell, row, run, hold)',
        replace: 'void [hold, park]',
      },
    ],
    tests: testsIn(
      `${JOBS}/parked.int.test.ts`,
      'parks a job of a %s that its worker does not know, and shows it',
    ),
  },
  {
    id: 'parked-for-ever',
    rows: [],
    off: 'what is parked goes on once a worker knows it',
    edits: [
      {
        file: `${JOBS}/parked.ts`,
        find: 'update processing_jobs set hold_reason = null',
        replace: 'update processing_jobs set hold_reason = hold_reason',
      },
    ],
    tests: testsIn(
      `${JOBS}/parked.int.test.ts`,
      'finds by reconciling what was parked while the worker that knows it was starting',
    ),
  },
  {
    id: 'commit-given-up',
    rows: [],
    off: 'a finished run commits once Postgres is back',
    edits: [
      {
        file: `${JOBS}/persist.ts`,
        find: 'if (!isConnectionError(error)) throw error',
        replace: 'if (isConnectionError(error) || error) throw error',
      },
    ],
    tests: testsIn(
      `${JOBS}/postgres-away.int.test.ts`,
      'with Postgres away reads nothing, renews its leases, acknowledges nothing, and commits when it is back',
    ),
  },
]
