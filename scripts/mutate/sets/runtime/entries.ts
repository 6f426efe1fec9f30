import { type Mutation, testsIn } from '../../mutation.ts'
import { BUS, JOBS, SCRIPTS, TESTS } from './files.ts'

const PENDING = testsIn(
  TESTS.entries,
  'row 1: holds what it has read as pending, however it read it, until it is acknowledged',
)

/** Entries: published, read, and taken over. */
export const ENTRIES: readonly Mutation[] = [
  {
    id: 'read-noack',
    rows: [1],
    off: 'what is read stays pending until it is acknowledged',
    edits: [
      {
        file: `${SCRIPTS}/take.lua`,
        find: `'COUNT', count, 'STREAMS'`,
        replace: `'COUNT', count, 'NOACK', 'STREAMS'`,
      },
    ],
    tests: PENDING,
  },
  {
    id: 'blocked-read-noack',
    rows: [1],
    off: 'so does what a blocked read brings',
    edits: [
      {
        file: `${BUS}/reader.ts`,
        find: `BLOCK_MS, 'STREAMS'`,
        replace: `BLOCK_MS, 'NOACK', 'STREAMS'`,
      },
    ],
    tests: PENDING,
  },
  {
    id: 'lasting-name',
    rows: [2],
    off: 'each process has a name of its own',
    edits: [
      {
        file: `${JOBS}/shell.ts`,
        find: `-\${process.pid}-\${randomBytes(4).toString('hex')}`,
        replace: '',
      },
    ],
    tests: testsIn(
      TESTS.faults,
      'row 2: counts a crash where a process comes back and takes over what it held itself before',
    ),
  },
  {
    id: 'deleted-entry-runs',
    rows: [2],
    off: 'an entry without fields is nothing to run',
    edits: [
      {
        file: `${BUS}/deliveries.ts`,
        find: `fields === null ? [] : [{ stream, entryId, ticket: fields[fields`,
        replace: `[{ stream, entryId, ticket: fields?.[fields`,
      },
    ],
    tests: testsIn(
      `${BUS}/deliveries.test.ts`,
      'row 2: has nothing to run of an entry that was deleted while it was pending',
    ),
  },
  {
    id: 'cursor-not-followed',
    rows: [3],
    off: 'the cursor of XAUTOCLAIM is followed to its end',
    edits: [
      {
        file: `${BUS}/leases.ts`,
        find: `while (cursor !== '0-0' && taken.length < most)`,
        replace: 'while (false)',
      },
    ],
    tests: testsIn(
      TESTS.bus,
      'row 3: takes over only entries whose lease has run out, past more living ones than fit one scan',
    ),
  },
  {
    id: 'deleted-entries-silent',
    rows: [3],
    off: 'entries that somebody deleted are told of',
    edits: [
      {
        file: `${BUS}/leases.ts`,
        find: `observer.entriesDeleted?.(stream, answer[2])`,
        replace: '{}',
      },
    ],
    tests: testsIn(TESTS.metrics, 'row 3: counts pending entries that somebody deleted, once'),
  },
  {
    id: 'self-claim',
    rows: [4],
    off: 'entries that this process holds are passed over where they come again',
    edits: [
      {
        file: `${BUS}/consumer.ts`,
        find: 'if (this.#held.has(keyOf(delivery))) continue',
        replace: '',
      },
    ],
    tests: [
      ...testsIn(
        TESTS.consumer,
        'row 4: does not run again what it holds when it takes over its own entry, its beat being late',
      ),
      ...testsIn(
        TESTS.held,
        'row 4: does not begin what it holds once more, when the group was lost and delivers everything anew',
      ),
    ],
  },
  {
    id: 'publish-maxlen',
    rows: [13],
    off: 'work streams are not trimmed',
    edits: [
      {
        file: `${SCRIPTS}/publish.lua`,
        find: `'XADD', KEYS[1], '*',`,
        replace: `'XADD', KEYS[1], 'MAXLEN', '~', 1000, '*',`,
      },
    ],
    tests: testsIn(TESTS.consumer, 'row 13: publishes thousands in order, each with its entry'),
  },
  {
    id: 'large-tickets',
    rows: [28],
    off: 'a ticket has 1 KB at most',
    edits: [
      {
        file: `${BUS}/publish.ts`,
        find: 'if (text.length * 3 > MAX_TICKET_BYTES && Buffer.byteLength(text) > MAX_TICKET_BYTES) {',
        replace: 'if (Buffer.byteLength(text) > 1_000_000) {',
      },
    ],
    tests: testsIn(TESTS.bus, 'row 28: refuses a ticket over one kilobyte'),
  },
]
