import { type Mutation, testsIn } from '../../mutation.ts'
import { JOBS, LATER_FUNCTIONS, TESTS } from './files.ts'

/** Jobs that wait for others, and jobs that are the same. */
export const FLOWS: readonly Mutation[] = [
  {
    id: 'siblings-do-not-see-each-other',
    rows: [],
    off: 'of two last blockers that commit together the second sees the first',
    edits: [
      {
        file: LATER_FUNCTIONS,
        find: `select job.id, edge.done from edge`,
        replace: `select job.id, edge.done, job.waiting_on as seen from edge`,
      },
      {
        file: LATER_FUNCTIONS,
        find: ' order by job.id for no key update of job',
        replace: '',
      },
      {
        file: LATER_FUNCTIONS,
        find: 'waiting_on = waiting_on - done,',
        replace: 'waiting_on = seen - done,',
      },
      {
        file: LATER_FUNCTIONS,
        find: `status = case when status = 'pending' and waiting_on = done then`,
        replace: `status = case when status = 'pending' and seen = done then`,
      },
    ],
    tests: testsIn(
      TESTS.faults,
      'releases a dependant once when both of its last blockers were completed before either counted itself off',
    ),
  },
  {
    id: 'children-do-not-see-each-other',
    rows: [],
    off: 'nor do a parent’s last two children miss each other',
    edits: [
      {
        file: `${JOBS}/release.ts`,
        find: `select job.id, done from processing_jobs job join child using (id)
      where job.id = any(\${parentIds}::uuid[]) order by job.id for no key update of job`,
        replace: `select job.id, done, job.children_open as seen from processing_jobs job join child using (id)
      where job.id = any(\${parentIds}::uuid[]) order by job.id`,
      },
      {
        file: `${JOBS}/release.ts`,
        find: 'greatest(children_open - done, 0)',
        replace: 'greatest(seen - done, 0)',
      },
    ],
    tests: testsIn(
      TESTS.children,
      'completes a parent once when both of its last children were completed before either counted itself off',
    ),
  },
  {
    id: 'children-deadlock',
    rows: [],
    off: 'they do not lock each other up',
    edits: [
      {
        file: `${JOBS}/release.ts`,
        find: `where job.id = any(\${parentIds}::uuid[]) order by job.id for no key update of job`,
        replace: `where job.id = any(\${parentIds}::uuid[]) order by job.id for update of job`,
      },
    ],
    tests: testsIn(TESTS.children, 'lets the last two children complete together without a deadlock'),
  },
  {
    id: 'dependants-not-freed',
    rows: [],
    off: 'dependants whose release was lost are freed',
    edits: [
      {
        file: `${JOBS}/reconcile.ts`,
        find: 'await jobs.freeDependants()',
        replace: '0',
      },
    ],
    tests: testsIn(TESTS.faults, 'frees dependants whose release was lost'),
  },
  {
    id: 'parents-not-settled',
    rows: [],
    off: 'parents that wait in vain are put right',
    edits: [{ file: `${JOBS}/reconcile.ts`, find: 'await jobs.settleParents()', replace: '0' }],
    tests: testsIn(TESTS.children, 'reconciles parents that wait though all their children have ended'),
  },
  {
    id: 'child-fails-alone',
    rows: [],
    off: 'a child that fails fails its parent',
    edits: [
      {
        file: `${JOBS}/give-up.ts`,
        find: 'const parents = await failParents(trx, [run.jobId])',
        replace: 'const parents = await failParents(trx, [])',
      },
    ],
    tests: testsIn(
      TESTS.children,
      'fails a parent and its own with the child that fails, with its reason, and lets the others go on',
    ),
  },
  {
    id: 'unique-for-all-owners',
    rows: [],
    off: 'a unique key is each owner’s own',
    edits: [
      {
        file: 'libs/db/src/migrations/0002-job-runtime.ts',
        find: 'on processing_jobs (owner_id, type, unique_key)',
        replace: 'on processing_jobs (type, unique_key)',
      },
    ],
    tests: testsIn(`${JOBS}/unique-jobs.int.test.ts`, 'keeps the owners apart'),
  },
  {
    id: 'unique-for-nobody',
    rows: [],
    off: 'a job that is there already under its unique key is not made again',
    edits: [
      {
        file: `${JOBS}/plan-graph.ts`,
        find: 'unique_key: uniqueKeyOf(definition, input),',
        replace: 'unique_key: uniqueKeyOf({ ...definition, unique: undefined } as never, input),',
      },
    ],
    tests: testsIn(
      `${JOBS}/unique-jobs.int.test.ts`,
      'makes one job of what many transactions insert at once, in whatever order',
    ),
  },
]
