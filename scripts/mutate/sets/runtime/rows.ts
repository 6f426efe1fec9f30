import { type Mutation, testsIn } from '../../mutation.ts'
import { JOBS, LATER_FUNCTIONS, TESTS } from './files.ts'

const TAKEN_OVER =
  'row 6: lets another worker take over when the lease has run out, and drops what the first still writes'
const ZOMBIE = 'row 6: writes nothing of a run that %s while another has its job'

/** The job's row: who may claim it, take it over and write to it. */
export const ROWS: readonly Mutation[] = [
  {
    id: 'write-without-fence',
    rows: [6],
    off: 'every write of a run names its fence',
    edits: [{ file: `${JOBS}/run.ts`, find: `, eb('fence', '=', run.fence)])`, replace: '])' }],
    tests: testsIn(
      TESTS.zombies,
      ZOMBIE,
      'row 6: hands nothing back of a run that is stopped while another has its job',
      'row 6: reports no progress of a run while another has its job, and tells it',
      'row 6: runs a job alone only for whoever has it',
    ),
  },
  {
    id: 'complete-together-without-fence',
    rows: [6],
    off: 'so does each of those that complete together',
    edits: [
      {
        file: LATER_FUNCTIONS,
        find: `held.status = 'running' and held.fence = done.fence`,
        replace: `held.status = 'running'`,
      },
    ],
    tests: testsIn(TESTS.zombies, ZOMBIE),
  },
  {
    id: 'step-without-fence',
    rows: [],
    off: 'a step is kept for whoever has the job alone',
    edits: [
      {
        file: `${JOBS}/steps.ts`,
        find: `where id = \${run.jobId} and status = 'running' and fence = \${run.fence}`,
        replace: `where id = \${run.jobId} and status = 'running'`,
      },
    ],
    tests: testsIn(`${JOBS}/steps.int.test.ts`, 'keeps nothing for a run that was taken over, and tells it'),
  },
  {
    id: 'step-without-lock',
    rows: [],
    off: 'nobody takes a job over while a step of it is written',
    edits: [{ file: `${JOBS}/steps.ts`, find: `    for share\n`, replace: '' }],
    tests: testsIn(`${JOBS}/steps.int.test.ts`, 'lets nobody take a job over while a step of it is written'),
  },
  {
    id: 'write-to-the-cancelled',
    rows: [],
    off: 'nothing is written to a job that was cancelled',
    edits: [
      {
        file: `${JOBS}/cancel.ts`,
        find: `set status = 'cancelled', fence = fence + 1,`,
        replace: `set status = 'cancelled',`,
      },
      { file: `${JOBS}/run.ts`, find: `eb('status', '=', 'running'), `, replace: '' },
    ],
    tests: testsIn(TESTS.zombies, 'writes nothing of a run that %s after its job was cancelled'),
  },
  {
    id: 'claim-without-fence',
    rows: [17, 31],
    off: 'a ticket claims a job under its own fence alone',
    edits: [
      {
        file: LATER_FUNCTIONS,
        find: `(job.status = 'queued' and job.fence = ticket.fence)`,
        replace: `job.status = 'queued'`,
      },
    ],
    tests: testsIn(
      TESTS.jobLife,
      'rows 17, 31: claims nothing with a ticket whose job went back to the queue since, and sends it a new one',
    ),
  },
  {
    id: 'claim-what-runs',
    rows: [17, 26, 31],
    off: 'a ticket claims a queued job alone',
    edits: [
      {
        file: LATER_FUNCTIONS,
        find: `(job.status = 'queued' and job.fence = ticket.fence)`,
        replace: '(job.fence = ticket.fence)',
      },
    ],
    tests: [
      ...testsIn(TESTS.jobLife, 'rows 17, 31: runs a job once when its ticket is published twice'),
      ...testsIn(
        TESTS.faults,
        'row 26: leaves a running job alone whose entry a restarted Redis delivers as if it were new',
      ),
    ],
  },
  {
    id: 'claim-not-recognised',
    rows: [],
    off: 'a claim or take-over whose answer was lost is recognised as one’s own',
    edits: [
      {
        file: LATER_FUNCTIONS,
        find: `or (job.status = 'running' and job.worker_id = ticket.worker_id and job.entry_id = ticket.entry_id)`,
        replace: '',
      },
    ],
    tests: testsIn(TESTS.faults, 'recognises its own take-over when the answer to it was lost'),
  },
  {
    id: 'take-over-keeps-fence',
    rows: [6],
    off: 'taking a job over raises its fence',
    edits: [{ file: `${JOBS}/claim.ts`, find: `fence: eb('fence', '+', 1),`, replace: '' }],
    tests: testsIn(TESTS.faults, TAKEN_OVER),
  },
  {
    id: 'take-over-what-is-fresh',
    rows: [26],
    off: 'only an entry that was reclaimed lets its job be taken over',
    edits: [
      {
        file: `${JOBS}/handle-delivery.ts`,
        find: 'if (claimed || !reclaimed) return claimed',
        replace: 'if (claimed || reclaimed === null) return claimed',
      },
    ],
    tests: testsIn(
      TESTS.faults,
      'row 26: leaves a running job alone whose entry a restarted Redis delivers as if it were new',
    ),
  },
  {
    id: 'take-over-by-any-entry',
    rows: [6],
    off: 'only its own entry lets a job be taken over',
    edits: [{ file: `${JOBS}/claim.ts`, find: `    .where('entry_id', '=', holder.entryId)\n`, replace: '' }],
    tests: testsIn(
      TESTS.faults,
      'row 6: takes a running job over by its own entry alone, not by that of a second ticket',
    ),
  },
  {
    id: 'own-commit-unknown',
    rows: [],
    off: 'a commit whose answer was lost is recognised as done',
    edits: [
      {
        file: `${JOBS}/complete.ts`,
        find: 'return rows[0] && { waits: rows[0].waits, queued: true, parents: [] }',
        replace: 'return rows[0] && undefined',
      },
    ],
    tests: testsIn(
      TESTS.faults,
      'knows a commit whose answer was lost for its own, and refuses to save twice',
    ),
  },
  {
    id: 'zombies-uncounted',
    rows: [],
    off: 'what a zombie would have written is counted',
    edits: [{ file: `${JOBS}/shell.ts`, find: 'metrics.zombieWrites.inc()', replace: '' }],
    tests: testsIn(
      TESTS.metrics,
      'counts a take-over where it happens, and the dropped result where it is dropped',
    ),
  },
]
