import { expect, it } from 'vitest'
import { storableText } from './storable-text.ts'

it.each([
  ['NUL', 'a\0b', 'ab'],
  ['the first half of a pair', 'a\ud83d b', 'a\ufffd b'],
  ['the second half of a pair', 'a\ude00 b', 'a\ufffd b'],
  ['halves that a NUL parted', '\ud83d\0\ude00', '😀'],
  ['a whole pair', '😀', '😀'],
  ['other control characters', 'a\n\u001bb', 'a\n\u001bb'],
])('makes text of %s that Postgres takes', (_, given, stored) => {
  expect(storableText(given)).toBe(stored)
})
