import { expect, it } from 'vitest'
import { parseCommand } from './parse-command.ts'
import { UsageError } from './values.ts'

const ID = '0b6f2c7e-3d1a-4a53-9d2b-5a1f0c9e7d11'
const FILTER = { queue: undefined, fingerprint: undefined, code: undefined }
const MANY = { kind: 'redrive-many', perSecond: 10, mostFailures: 0.2, waits: true }

it.each([
  [[], { kind: 'help' }],
  [['help'], { kind: 'help' }],
  [['list', '--help'], { kind: 'help' }],
  [['list'], { kind: 'list', filter: FILTER, limit: 1_000 }],
  [
    ['list', '--queue', 'embed', '--group', 'f1', '--code', 'c', '--limit', '5'],
    { kind: 'list', filter: { queue: 'embed', fingerprint: 'f1', code: 'c' }, limit: 5 },
  ],
  [['groups', '--queue', 'embed'], { kind: 'groups', filter: { ...FILTER, queue: 'embed' } }],
  [['show', ID], { kind: 'show', id: ID }],
  [['why', ID], { kind: 'why', jobId: ID }],
  [['redrives'], { kind: 'redrives', id: undefined }],
  [['redrives', ID], { kind: 'redrives', id: ID }],
  [['stop', ID], { kind: 'stop', id: ID }],
  [['queues'], { kind: 'queues' }],
  [['depth'], { kind: 'queues' }],
  [['redrive', ID.toUpperCase()], { kind: 'redrive', id: ID }],
  [['redrive', '--queue', 'tag'], { ...MANY, filter: { ...FILTER, queue: 'tag' } }],
  [
    ['redrive', '--group', 'f1', '--per-second', '0.5', '--stop-at', '5%', '--no-wait'],
    {
      kind: 'redrive-many',
      filter: { ...FILTER, fingerprint: 'f1' },
      perSecond: 0.5,
      mostFailures: 0.05,
      waits: false,
    },
  ],
  [['redrive', '--all'], { ...MANY, filter: FILTER }],
  [['discard', ID, '--reason', ' a broken file '], { kind: 'discard', id: ID, reason: 'a broken file' }],
  [
    ['discard', '--group', 'f1', '--reason', 'known'],
    { kind: 'discard-many', filter: { ...FILTER, fingerprint: 'f1' }, reason: 'known' },
  ],
  [['pause', 'tag', '--reason', 'why'], { kind: 'pause', queue: 'tag', reason: 'why' }],
  [
    ['drain', 'tag', '--timeout', '10m'],
    { kind: 'drain', queue: 'tag', reason: undefined, timeoutMs: 600_000 },
  ],
  [['resume', 'tag'], { kind: 'resume', queue: 'tag' }],
  [['cancel', ID], { kind: 'cancel', jobId: ID }],
  [['cancel', '--book', ID], { kind: 'cancel-book', audiobookId: ID }],
])('reads %j', (args, command) => {
  expect(parseCommand(args)).toEqual({ command, asJson: false, dataDir: undefined })
})

it('takes the data directory and --json with any command', () => {
  expect(parseCommand(['list', '--data-dir', 'elsewhere', '--json'])).toMatchObject({
    dataDir: 'elsewhere',
    asJson: true,
  })
})

it.each([
  [['purge'], 'there is no command "purge"'],
  [['list', '--sideways'], 'sideways'],
  [['list', '--all'], 'list knows no --all'],
  [['list', '--limit', 'x'], '--limit is a number'],
  [['queues', '--queue', 'tag'], 'queues knows no --queue'],
  [['list', 'embed'], 'list does not know what to do with "embed"'],
  [['redrive'], 'redrive needs an id'],
  [['redrive', ID, '--all'], 'one of them'],
  [['redrive', ID, '--per-second', '3'], '--per-second is for many'],
  [['redrive', '--all', '--stop-at', '120%'], '--stop-at is a share'],
  [['redrive', ID, ID], 'does not know what to do'],
  [['redrive', '17'], '"17" is not an id'],
  [['discard', '--reason', 'x'], 'discard needs an id'],
  [['discard', ID], 'discard needs --reason'],
  [['discard', ID, '--reason', '  '], 'discard needs --reason'],
  [['pause'], 'pause needs the name of a queue'],
  [['drain', 'tag', '--timeout', 'soon'], '--timeout is a time'],
  [['cancel'], 'cancel needs the id of a job'],
])('says what is wrong with %j', (args, sentence) => {
  expect(() => parseCommand(args)).toThrow(UsageError)
  expect(() => parseCommand(args)).toThrow(sentence)
})
