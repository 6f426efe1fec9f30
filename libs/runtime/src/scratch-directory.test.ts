import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLogger } from './log.ts'
import { scratchDirectory } from './scratch-directory.ts'

const RANDOM = '0b6a2c8e-1f5d-4c3b-9a7e-2d4f6b8c0e1a'
/** Larger than any process number there is. */
const NOBODY = 2 ** 22 + 1

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'scratch-test-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it('is a directory of its own, gone when the process ends in order', async () => {
  const scratch = scratchDirectory(root, createLogger('test', 'silent'))

  await start(scratch)
  const path = scratch.newPath()
  writeFileSync(path, 'bytes')
  const isThere = existsSync(dirname(path))
  await scratch.part.stop?.()

  expect(isThere).toBe(true)
  expect(readdirSync(root)).toEqual([])
})

it.each([
  ['a process of this machine that is dead', `scratch-${hostname()}-${NOBODY}-${RANDOM}`, false, false],
  [
    'a process before this one with its number',
    `scratch-${hostname()}-${process.pid}-${RANDOM}`,
    false,
    false,
  ],
  ['a living process of this machine', `scratch-${hostname()}-${process.ppid}-${RANDOM}`, true, true],
  ['another machine that was heard of lately', `scratch-elsewhere-1-${RANDOM}`, false, true],
  ['another machine that fell silent long ago', `scratch-elsewhere-1-${RANDOM}`, true, false],
  ['nobody it knows', 'something-else', true, true],
])('keeps or removes the directory of %s', async (_, name, isOld, isKept) => {
  const directory = join(root, name)
  mkdirSync(directory)
  writeFileSync(join(directory, 'file'), 'bytes')
  if (isOld) utimesSync(directory, 0, 0)
  const scratch = scratchDirectory(root, createLogger('test', 'silent'))

  await start(scratch)
  await scratch.part.stop?.()

  expect(existsSync(directory)).toBe(isKept)
})

async function start(scratch: ReturnType<typeof scratchDirectory>): Promise<void> {
  await scratch.part.start?.({ signal: new AbortController().signal, fail: () => {} })
}
