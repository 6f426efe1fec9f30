import { expect, it } from 'vitest'
import { parseOptions } from './options.ts'

it('runs two minutes of seed 1 on four workers unless told otherwise', () => {
  expect(parseOptions([], '/here')).toEqual({
    seconds: 120,
    seed: 1,
    workers: 4,
    json: false,
    verbose: false,
    logDir: undefined,
  })
})

it('takes what it is told', () => {
  const args = ['--seconds', '60', '--seed', '7', '--workers', '6', '--json', '--logs', 'logs']

  expect(parseOptions(args, '/here')).toMatchObject({
    seconds: 60,
    seed: 7,
    workers: 6,
    json: true,
    logDir: '/here/logs',
  })
})

it.each([
  ['--seconds', '59'],
  ['--seed', 'x'],
  ['--workers', '2'],
])('refuses %s %s with a sentence', (name, value) => {
  expect(() => parseOptions([name, value], '/')).toThrow(`${name} must be a whole number`)
})

it('gives no options when asked for help', () => {
  expect(parseOptions(['--help'], '/')).toBeUndefined()
})
