import { expect, it } from 'vitest'
import { parseOptions } from './options.ts'

it('listens where it can be found again by default', () => {
  expect(parseOptions([])).toEqual({ port: 4010, revaiSeconds: 2 })
})

it.each([
  ['--port', '70000'],
  ['--revai-seconds', 'soon'],
])('refuses %s %s with a sentence', (name, value) => {
  expect(() => parseOptions([name, value])).toThrow(`${name} must be a whole number`)
})

it('shows how it is used to whoever used it otherwise', () => {
  expect(() => parseOptions(['--key', 'a'])).toThrow(/Unknown option '--key'[\s\S]*--port N/)
  expect(parseOptions(['-h'])).toBeUndefined()
})
