import { expect, it } from 'vitest'
import { cleanText } from './clean-text.ts'

it.each([
  ['takes out NUL, which Postgres refuses', 'a\0b', 'ab'],
  ['takes out terminal and other control characters', '\u001b[31mred\u0007\u0085', '[31mred'],
  ['keeps lines and tabs', 'one\r\ntwo\rthree\tfour', 'one\ntwo\nthree\tfour'],
  ['composes accents', 'e\u0301', 'é'],
  ['mends half characters', 'a\ud83d', 'a\ufffd'],
  ['takes out marks that turn the text after them round', 'song\u202egpj.exe', 'songgpj.exe'],
  ['keeps right-to-left marks', 'שלום\u200f', 'שלום\u200f'],
  ['trims', '  x \n', 'x'],
])('%s', (_, dirty, clean) => {
  expect(cleanText(dirty, 100)).toBe(clean)
})

it('cuts by characters, never through one', () => {
  expect(cleanText('📖📖📖', 2)).toBe('📖📖')
})

it('answers nothing for text of which nothing is left', () => {
  expect(cleanText(' \0\u202e ', 10)).toBeUndefined()
})

it('cuts a value of many megabytes', () => {
  expect(cleanText('x'.repeat(20_000_000), 1000)).toHaveLength(1000)
})
