import { expect, it } from 'vitest'
import { planFileName } from './file-name.ts'

it.each([
  ['chapter 1.mp3', 'chapter 1.mp3'],
  ['C:\\books\\one.mp3', 'one.mp3'],
  ['../../etc/passwd', 'passwd'],
  ['..', 'file'],
  ['', 'file'],
  [undefined, 'file'],
  ['a\u0000b\nc.mp3', 'abc.mp3'],
  ['ключ \u{1f3a7}.mp3', 'ключ \u{1f3a7}.mp3'],
  ['cod\u202egpm.exe', 'codgpm.exe'],
  ['half \ud83c.mp3', 'half \ufffd.mp3'],
])('shows %j as %j', (sent, shown) => {
  expect(planFileName(sent)).toBe(shown)
})

it('cuts long names between characters', () => {
  expect(planFileName('\u{1f3a7}'.repeat(300))).toBe('\u{1f3a7}'.repeat(255))
})
