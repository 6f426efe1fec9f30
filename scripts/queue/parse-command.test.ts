import { expect, it } from 'vitest'
import { parseCommand, UsageError } from './parse-command.ts'

const ID = '0b6f2c7e-3d1a-4a53-9d2b-5a1f0c9e7d11'

it.each([
  [[], { kind: 'help' }],
  [['help'], { kind: 'help' }],
  [['list', '--help'], { kind: 'help' }],
  [['list'], { kind: 'list', queue: undefined, asJson: false }],
  [['list', '--queue', 'embed', '--json'], { kind: 'list', queue: 'embed', asJson: true }],
  [['depth', '--json'], { kind: 'depth', asJson: true }],
  [['redrive', ID.toUpperCase()], { kind: 'redrive', target: { id: ID } }],
  [['redrive', '--queue', 'tag'], { kind: 'redrive', target: { queue: 'tag' } }],
  [['redrive', '--all'], { kind: 'redrive', target: { queue: undefined } }],
  [
    ['discard', ID, '--reason', ' a broken file '],
    { kind: 'discard', deadLetterId: ID, reason: 'a broken file' },
  ],
])('reads %j', (args, command) => {
  expect(parseCommand(args)).toEqual({ command, dataDir: undefined })
})

it('takes the data directory with any command', () => {
  expect(parseCommand(['list', '--data-dir', 'elsewhere']).dataDir).toBe('elsewhere')
})

it.each([
  [['purge'], 'there is no command "purge"'],
  [['list', '--sideways'], 'sideways'],
  [['list', '--all'], 'list knows no --all'],
  [['depth', '--queue', 'tag'], 'depth knows no --queue'],
  [['list', 'embed'], 'list does not know what to do with "embed"'],
  [['redrive'], 'redrive needs an id'],
  [['redrive', ID, '--all'], 'one of them'],
  [['redrive', ID, ID], 'does not know what to do'],
  [['redrive', '17'], '"17" is not an id'],
  [['discard', '--reason', 'x'], 'discard needs the id'],
  [['discard', ID], 'discard needs --reason'],
  [['discard', ID, '--reason', '  '], 'discard needs --reason'],
])('says what is wrong with %j', (args, sentence) => {
  expect(() => parseCommand(args)).toThrow(UsageError)
  expect(() => parseCommand(args)).toThrow(sentence)
})
