import { expect, it } from 'vitest'
import { parseOptions } from './options.ts'

const places = { root: '/srv/scriptorium', cwd: '/home/me' }

it('keeps everything in .data of the project and listens on 8080 unless told otherwise', () => {
  expect(parseOptions([], places)).toEqual({ dataDir: '/srv/scriptorium/.data', port: 8080, watch: false })
})

it('takes a data directory as seen from where the user is', () => {
  expect(parseOptions(['--data-dir', 'books', '--port=0', '--watch'], places)).toEqual({
    dataDir: '/home/me/books',
    port: 0,
    watch: true,
  })
})

it('starts nothing when asked for help', () => {
  expect(parseOptions(['--help'], places)).toBeUndefined()
})

it.each([
  [['--port', 'http'], '--port must be a number'],
  [['--port', '65536'], '--port must be a number'],
  [['--port', ''], '--port must be a number'],
  [['--prot', '1'], "Unknown option '--prot'"],
])('refuses %j with a sentence', (args, complaint) => {
  expect(() => parseOptions(args, places)).toThrow(complaint)
})

it('says which options there are where it knows none of that name', () => {
  expect(() => parseOptions(['--prot', '1'], places)).toThrow(/Unknown option '--prot'[\s\S]*--port N/)
})
