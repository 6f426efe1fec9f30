import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockDataDir } from './data-dir-lock.ts'
import { UserError } from './user-error.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'data-dir-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it.each(['notes.txt', 'notes.txt/data'])('says that a file is in the way of %s', (name) => {
  writeFileSync(path.join(folder, 'notes.txt'), 'mine')

  const start = () => lockDataDir(path.join(folder, name))

  expect(start).toThrow(UserError)
  expect(start).toThrow(`A file is in the way of ${path.join(folder, name)}. Choose another`)
})

// Root may write anywhere.
it.skipIf(process.getuid?.() === 0)('says that it may not write to a directory', () => {
  chmodSync(folder, 0o500)

  expect(() => lockDataDir(folder)).toThrow('(EACCES). Choose another')
  expect(() => lockDataDir(path.join(folder, 'data'))).toThrow('(EACCES). Choose another')
})
