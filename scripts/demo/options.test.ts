import { expect, it } from 'vitest'
import { parseOptions } from './options.ts'

const places = { root: '/project', cwd: '/home/reader' }

it('makes its own book beside the stack in .data by default', () => {
  expect(parseOptions([], places)).toEqual({
    files: [],
    language: undefined,
    json: false,
    seed: 1,
    dataDir: '/project/.data',
    port: 0,
    providers: 'configured',
    url: undefined,
    clip: false,
  })
})

it('takes paths from where the user is', () => {
  const args = ['--file', 'one.mp3', '--file', '/two.mp3', '--data-dir', 'mine']

  expect(parseOptions(args, places)).toMatchObject({
    files: ['/home/reader/one.mp3', '/two.mp3'],
    dataDir: '/home/reader/mine',
  })
})

it.each([
  ['--seed', 'x'],
  ['--seed', '1.5'],
  ['--port', '65536'],
])('refuses %s %s with a sentence', (name, value) => {
  expect(() => parseOptions([name, value], places)).toThrow(`${name} must be a whole number`)
})

it('shows how it is used to whoever used it otherwise', () => {
  expect(() => parseOptions(['--sed', '1'], places)).toThrow(/Unknown option '--sed'[\s\S]*--seed N/)
  expect(parseOptions(['--help'], places)).toBeUndefined()
})

it('takes the sandbox for the providers, and no other name', () => {
  expect(parseOptions(['--providers', 'sandbox'], places)).toMatchObject({ providers: 'sandbox' })
  expect(() => parseOptions(['--providers', 'openai'], places)).toThrow('--providers knows "sandbox" only')
})

it('takes a clip instead of a book', () => {
  expect(parseOptions(['--clip'], places)).toMatchObject({ clip: true })
  expect(parseOptions(['--url', 'https://youtu.be/x'], places)).toMatchObject({ url: 'https://youtu.be/x' })
})
