import { expect, it } from 'vitest'
import { parseCommandLine } from './command-line.ts'

it('runs the queue suites five times unless told otherwise', () => {
  expect(parseCommandLine([])).toEqual({
    suites: ['bus', 'jobs'],
    json: false,
    runs: 5,
    scale: 1,
    only: '',
    profileDir: undefined,
    hours: 2,
    processes: [1, 2, 4],
  })
  expect(parseCommandLine(['jobs', '--json', '--runs', '3', '--scale', '0.1'])).toMatchObject({
    suites: ['jobs'],
    json: true,
    runs: 3,
    scale: 0.1,
  })
})

it('asks for help without running anything', () => {
  expect(parseCommandLine(['bus', '--help'])).toBeUndefined()
})

it.each([
  ['web'],
  ['--runs', '0'],
  ['--runs', '1.5'],
  ['--scale', 'much'],
  ['--fast'],
  ['longaudio', '--processes', '1,x'],
])('refuses %s', (...args) => {
  expect(() => parseCommandLine(args)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
})
