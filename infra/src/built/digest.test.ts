import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sourcesDigest } from './digest.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'digest-'))
  for (const file of ['package-lock.json', 'tsconfig.json']) write(file, '{}')
  for (const workspace of ['libs/bus', 'services/api', 'infra']) {
    write(`${workspace}/package.json`, '{}')
    write(`${workspace}/src/index.ts`, 'export {}')
  }
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
  writeFileSync(path.join(root, file), text)
}

it.each([
  ['a source of a lib', 'libs/bus/src/index.ts'],
  ['a source of a service', 'services/api/src/index.ts'],
  ['a source of the stack', 'infra/src/index.ts'],
  ['a new source, however deep', 'libs/bus/src/limits/slots.ts'],
  ['what a workspace exports', 'libs/bus/package.json'],
  ['the version of a package', 'package-lock.json'],
  ['how TypeScript is read', 'tsconfig.json'],
])('is another one when %s changes', (_, file) => {
  const before = sourcesDigest(root)

  write(file, 'something else')

  expect(sourcesDigest(root)).not.toBe(before)
})

it.each([
  ['a test', 'libs/bus/src/index.test.ts'],
  ['a script that programs read where it lies', 'libs/bus/src/scripts/take.lua'],
  ['a page', 'libs/bus/README.md'],
  ['what a desktop leaves', 'libs/.DS_Store'],
  ['what another branch has left of a workspace', 'libs/gone/node_modules/.cache/x.json'],
])('is the same when %s changes', (_, file) => {
  const before = sourcesDigest(root)

  write(file, 'something else')

  expect(sourcesDigest(root)).toBe(before)
})

it('is the same while an editor has a file open that it has locked by a link to nowhere', () => {
  const before = sourcesDigest(root)

  symlinkSync('somebody@somewhere.1234', path.join(root, 'libs/bus/src/.#index.ts'))

  expect(sourcesDigest(root)).toBe(before)
})

it('tells what moved from one file to its neighbour', () => {
  write('libs/bus/src/a.ts', 'one')
  write('libs/bus/src/b.ts', 'two')
  const before = sourcesDigest(root)

  write('libs/bus/src/a.ts', 'two')
  write('libs/bus/src/b.ts', 'one')

  expect(sourcesDigest(root)).not.toBe(before)
})
