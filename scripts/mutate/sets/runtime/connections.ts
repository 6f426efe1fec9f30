import { type Mutation, testsIn } from '../../mutation.ts'
import { BUS, TESTS } from './files.ts'

const AWAY = 'row 17: fails at once while Redis is away, and works again when it is back'
const SILENT =
  'row 17: waits for ever neither with a command nor with a read when Redis answers nothing any more'

/** Connections: what is sent when, what becomes of it when the network breaks. */
export const CONNECTIONS: readonly Mutation[] = [
  {
    id: 'read-on-the-command-connection',
    rows: [16],
    off: 'blocking reads have a connection of their own',
    edits: [
      {
        file: `${BUS}/reader.ts`,
        find: `redis.xreadgroup('GROUP'`,
        replace: `(void redis, bus.redis).xreadgroup('GROUP'`,
      },
    ],
    tests: testsIn(
      TESTS.bus,
      'row 16: reads and publishes while one of its readers is blocked, and ends that one at once when told to',
    ),
  },
  {
    id: 'send-again',
    rows: [17],
    off: 'nothing is sent twice by the driver',
    edits: [
      {
        file: `${BUS}/connect-options.ts`,
        find: 'autoResendUnfulfilledCommands: false',
        replace: 'autoResendUnfulfilledCommands: true',
      },
      {
        file: `${BUS}/connect-options.ts`,
        find: `  maxRetriesPerRequest: 0,
  autoResend`,
        replace: `  maxRetriesPerRequest: null,
  autoResend`,
      },
    ],
    tests: testsIn(
      TESTS.network,
      'row 17: sends nothing twice when an answer is lost, a thousand times: the caller is told, and decides',
    ),
  },
  {
    id: 'wait-while-away',
    rows: [17],
    off: 'commands fail at once while Redis is away',
    edits: [
      {
        file: `${BUS}/connect-options.ts`,
        find: 'enableOfflineQueue: false',
        replace: 'enableOfflineQueue: true',
      },
      {
        file: `${BUS}/connect-options.ts`,
        find: `  maxRetriesPerRequest: 0,
  autoResend`,
        replace: `  maxRetriesPerRequest: null,
  autoResend`,
      },
      {
        file: `${BUS}/connect-options.ts`,
        find: `  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: COMMAND_TIMEOUT_MS,`,
        replace: '',
      },
    ],
    tests: testsIn(TESTS.bus, AWAY),
  },
  {
    id: 'no-command-timeout',
    rows: [17],
    off: 'every command has a time limit',
    edits: [
      {
        file: `${BUS}/connect-options.ts`,
        find: `  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: COMMAND_TIMEOUT_MS,`,
        replace: '',
      },
    ],
    tests: testsIn(TESTS.bus, SILENT),
  },
  {
    id: 'no-watchdog',
    rows: [17],
    off: 'a blocked read that is silent rebuilds its connection',
    edits: [
      { file: `${BUS}/connect-options.ts`, find: 'socketTimeout: SILENCE_MS }', replace: '}' },
      {
        file: `${BUS}/blocking.ts`,
        find: `      redis.disconnect(true)
      reject(new Error`,
        replace: `      void reject
      redis.emit('error', new Error`,
      },
    ],
    tests: [
      ...testsIn(
        TESTS.network,
        'row 17: rebuilds a connection on which a blocked read is never answered, and reads on',
      ),
      ...testsIn(TESTS.bus, SILENT),
    ],
  },
  {
    id: 'stay-with-the-replica',
    rows: [17],
    off: 'READONLY makes a connection look for the new primary',
    edits: [
      {
        file: `${BUS}/connect-options.ts`,
        find: 'reconnectOnError: (error: Error) => MOVED_AWAY.test(error.message)',
        replace: 'reconnectOnError: () => false',
      },
    ],
    tests: testsIn(TESTS.network, 'row 17: reconnects when the server says that it is a replica now'),
  },
  {
    id: 'automatic-pipelining',
    rows: [18],
    off: 'no command waits for others of its turn',
    edits: [
      {
        file: `${BUS}/connect-options.ts`,
        find: 'autoResubscribe: false,',
        replace: 'autoResubscribe: false, enableAutoPipelining: true,',
      },
    ],
    tests: testsIn(
      TESTS.entries,
      'row 18: has the answer to a command before those of others that were sent in the same turn',
    ),
  },
]
