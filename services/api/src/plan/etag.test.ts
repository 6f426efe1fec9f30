import { expect, it } from 'vitest'
import { etagOf, isKnownVersion } from './etag.ts'

it('is the last part of a key', () => {
  expect(etagOf('media/ab/1234.mp3')).toBe('"1234.mp3"')
})

it.each([
  ['"a"', true],
  ['W/"a"', true],
  ['"b", "a"', true],
  ['*', true],
  ['"b"', false],
  ['a', false],
  ['', false],
  [undefined, false],
])('knows for If-None-Match %s whether "a" is known: %s', (header, isKnown) => {
  expect(isKnownVersion(header, '"a"')).toBe(isKnown)
})
