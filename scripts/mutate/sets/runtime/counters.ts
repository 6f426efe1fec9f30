import { type Mutation, testsIn } from '../../mutation.ts'
import { JOBS, TESTS } from './files.ts'

const TAKEN_OVER =
  'row 6: lets another worker take over when the lease has run out, and drops what the first still writes'
const ALONE = 'row 5: runs a job with a crash behind it alone, and takes three crashes alone for its fault'

/** What a run that did not complete its job leaves behind in the row: counters, and a row to be sent anew. */
export const COUNTERS: readonly Mutation[] = [
  {
    id: 'crashes-uncounted',
    rows: [5],
    off: 'a crash is counted, apart from attempts',
    edits: [{ file: `${JOBS}/claim.ts`, find: `crashes: eb('crashes', '+', 1),`, replace: '' }],
    tests: testsIn(TESTS.faults, TAKEN_OVER, ALONE),
  },
  {
    id: 'poison-runs-on',
    rows: [5],
    off: 'three crashes alone make a dead letter',
    edits: [
      {
        file: `${JOBS}/run-job.ts`,
        find: 'const MOST_CRASHES_ALONE = 3',
        replace: 'const MOST_CRASHES_ALONE = 300',
      },
    ],
    tests: testsIn(TESTS.faults, ALONE),
  },
  {
    id: 'neighbours-blamed',
    rows: [5],
    off: 'only a crash of a job that ran alone is held against it',
    edits: [{ file: `${JOBS}/claim.ts`, find: 'crashes_alone + alone::int', replace: 'crashes_alone + 1' }],
    tests: testsIn(TESTS.faults, ALONE),
  },
  {
    id: 'hand-back-costs-an-attempt',
    rows: [9],
    off: 'a hand-back costs no attempt',
    edits: [
      {
        file: `${JOBS}/give-up.ts`,
        find: 'hand_backs: sql<number>`hand_backs + 1`,',
        replace: 'attempts: sql<number>`attempts + 1`,',
      },
    ],
    tests: testsIn(
      TESTS.faults,
      'row 9: hands a running job back on shutdown without spending an attempt, and another process finishes it',
    ),
  },
  {
    id: 'snooze-costs-an-attempt',
    rows: [],
    off: 'being put off costs no attempt',
    edits: [
      {
        file: `${JOBS}/give-up.ts`,
        find: 'snoozes: sql<number>`snoozes + 1`,',
        replace: 'attempts: sql<number>`attempts + 1`,',
      },
    ],
    tests: testsIn(TESTS.jobLife, 'spends no attempt on a job that is put off'),
  },
  {
    id: 'back-without-a-new-fence',
    rows: [],
    off: 'going back to the queue raises the fence',
    edits: [{ file: `${JOBS}/give-up.ts`, find: '  fence: sql<number>`fence + 1`,\n', replace: '' }],
    tests: testsIn(
      TESTS.jobLife,
      'rows 17, 31: claims nothing with a ticket whose job went back to the queue since, and sends it a new one',
    ),
  },
  {
    id: 'dispatched-at-stays',
    rows: [],
    off: 'going back to the queue forgets that a ticket was sent',
    edits: [{ file: `${JOBS}/give-up.ts`, find: '  dispatched_at: null,\n', replace: '' }],
    tests: testsIn(
      TESTS.jobLife,
      'rows 17, 31: claims nothing with a ticket whose job went back to the queue since, and sends it a new one',
    ),
  },
  {
    id: 'dispatch-mark-stays',
    rows: [],
    off: 'going back to the queue takes the dispatcher’s mark away',
    edits: [{ file: `${JOBS}/give-up.ts`, find: '  dispatch_after: null,\n', replace: '' }],
    tests: testsIn(
      TESTS.jobLife,
      'rows 17, 31: claims nothing with a ticket whose job went back to the queue since, and sends it a new one',
    ),
  },
  {
    id: 'confirmed-too-late',
    rows: [],
    off: 'that a ticket was sent is noted under its own fence alone',
    edits: [{ file: `${JOBS}/sent-tickets.ts`, find: ' and job.fence = sent.fence', replace: '' }],
    tests: testsIn(
      TESTS.jobLife,
      'rows 17, 31: claims nothing with a ticket whose job went back to the queue since, and sends it a new one',
    ),
  },
  {
    id: 'fatal-is-retried',
    rows: [],
    off: 'a fatal error is final',
    edits: [
      {
        file: 'libs/runtime/src/judge.ts',
        find: `if (error instanceof FatalError) return { kind: 'dead-letter', reason: error.code }`,
        replace: 'void FatalError',
      },
    ],
    tests: testsIn(
      TESTS.jobLife,
      'makes a fatal error a dead letter at once, and redriving it goes on from there',
    ),
  },
  {
    id: 'put-off-for-ever',
    rows: [],
    off: 'being put off ends at an age',
    edits: [
      {
        file: 'libs/runtime/src/judge.ts',
        find: 'run.ageMs > policy.mostSnoozeAgeMs',
        replace: 'run.ageMs < 0',
      },
    ],
    tests: testsIn(
      `${JOBS}/retry-policy.int.test.ts`,
      "gives up a job that is still put off at its type's greatest age",
    ),
  },
  {
    id: 'no-jitter',
    rows: [],
    off: 'the delay before another try is drawn',
    edits: [
      {
        file: `${JOBS}/end-failed-run.ts`,
        find: 'Math.random() * verdict.maxDelayMs',
        replace: 'verdict.maxDelayMs',
      },
    ],
    tests: testsIn(
      `${JOBS}/retry-policy.int.test.ts`,
      "tries again within the job type's own delay, as often as it says",
    ),
  },
]
