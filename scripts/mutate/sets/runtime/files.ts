/** Files of tests that several mutations name. */
export const TESTS = {
  admission: 'libs/jobs/src/admission.int.test.ts',
  bus: 'libs/bus/src/bus.int.test.ts',
  children: 'libs/jobs/src/children.int.test.ts',
  cluster: 'libs/bus/src/bus-cluster.int.test.ts',
  consumer: 'libs/bus/src/consumer.int.test.ts',
  entries: 'libs/bus/src/entries.int.test.ts',
  faults: 'libs/jobs/src/faults.int.test.ts',
  held: 'libs/bus/src/held-entries.int.test.ts',
  jobLife: 'libs/jobs/src/job-life.int.test.ts',
  keeper: 'libs/bus/src/lease-keeper.int.test.ts',
  liveness: 'libs/jobs/src/liveness.int.test.ts',
  metrics: 'libs/jobs/src/job-metrics.int.test.ts',
  network: 'libs/bus/src/broken-network.int.test.ts',
  sweeper: 'libs/jobs/src/consumer-sweeper.int.test.ts',
  zombies: 'libs/jobs/src/zombies.int.test.ts',
} as const

export const BUS = 'libs/bus/src'
export const SCRIPTS = 'libs/bus/src/scripts'
export const JOBS = 'libs/jobs/src'
export const FUNCTIONS = 'libs/db/src/migrations/0003-job-functions.ts'
/** Of those above: claiming, completing and counting off, which it replaces. */
export const LATER_FUNCTIONS = 'libs/db/src/migrations/0007-plans-of-functions.ts'
/** And who may be next. */
export const TURNS = 'libs/db/src/migrations/0008-dispatch-turns.ts'
