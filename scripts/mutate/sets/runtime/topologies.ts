import { type Mutation, testsIn } from '../../mutation.ts'
import { BUS, JOBS, TESTS } from './files.ts'

/** Which Redis is good enough, and what makes a Cluster one. */
export const TOPOLOGIES: readonly Mutation[] = [
  {
    id: 'evicting-redis',
    rows: [28],
    off: 'a Redis that drops keys is refused',
    edits: [
      {
        file: `${BUS}/fitness.ts`,
        find: `if (policy !== undefined && policy !== 'noeviction') {`,
        replace: `if (policy === 'never') {`,
      },
    ],
    tests: [
      ...testsIn(
        `${BUS}/fitness.test.ts`,
        'row 28: refuses a server that drops keys by %s, and says how to change that',
      ),
      ...testsIn(
        `${JOBS}/redis-check.int.test.ts`,
        'row 28: refuses to start on a Redis that drops keys when it is full, though CONFIG is forbidden',
      ),
    ],
  },
  {
    id: 'first-node-speaks-for-all',
    rows: [28],
    off: 'every node of a Cluster is asked',
    edits: [
      {
        file: `${BUS}/fitness.ts`,
        find: 'redis instanceof Cluster ? redis.nodes()',
        replace: 'redis instanceof Cluster ? redis.nodes().slice(0, 1)',
      },
    ],
    tests: testsIn(
      `${JOBS}/redis-check.int.test.ts`,
      'row 28: refuses a Cluster of which one node drops keys',
    ),
  },
  {
    id: 'lanes-without-a-hash-tag',
    rows: [29],
    off: 'the lanes of a queue lie in one slot of a Cluster',
    edits: [
      {
        file: `${BUS}/keys.ts`,
        find: `:queue:{\${queue}}`,
        replace: `:queue:\${queue}`,
      },
    ],
    tests: testsIn(
      TESTS.cluster,
      'rows 24, 29: reads the lanes of a queue in one command, higher ones first',
    ),
  },
  {
    id: 'one-pipeline-for-all',
    rows: [29],
    off: 'what concerns several queues is one pipeline for each',
    edits: [
      {
        file: `${BUS}/pipelined.ts`,
        find: 'if (!(redis instanceof Cluster)) return await',
        replace: 'return await',
      },
    ],
    tests: testsIn(
      TESTS.cluster,
      'row 29: publishes to many queues at once, answers in order, and knows which entries still stand',
    ),
  },
  {
    id: 'old-redis',
    rows: [30],
    off: 'a Redis before 7.0 is refused',
    edits: [
      {
        file: `${BUS}/fitness.ts`,
        find: 'Number.parseInt(version, 10) < OLDEST.major',
        replace: 'Number.parseInt(version, 10) < 1',
      },
    ],
    tests: testsIn(`${BUS}/fitness.test.ts`, 'row 30: refuses Redis %s, and says what is needed'),
  },
]
