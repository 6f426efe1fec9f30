import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createLogger } from '@app/runtime'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSpool } from './spool.ts'

const RANDOM = '0b6a2c8e-1f5d-4c3b-9a7e-2d4f6b8c0e1a'
/** Larger than any process number there is. */
const NOBODY = 2 ** 22 + 1

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'spool-test-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it('is a directory of its own, gone when the process ends in order', async () => {
  const spool = createSpool(root, createLogger('test', 'silent'))

  await start(spool)
  const path = spool.newPath()
  writeFileSync(path, 'bytes')
  const isThere = existsSync(dirname(path))
  await spool.part.stop?.()

  expect(isThere).toBe(true)
  expect(readdirSync(root)).toEqual([])
})

it.each([
  ['a process of this machine that is dead', `spool-${hostname()}-${NOBODY}-${RANDOM}`, false, false],
  ['a process before this one with its number', `spool-${hostname()}-${process.pid}-${RANDOM}`, false, false],
  ['a living process of this machine', `spool-${hostname()}-${process.ppid}-${RANDOM}`, true, true],
  ['another machine that was heard of lately', `spool-elsewhere-1-${RANDOM}`, false, true],
  ['another machine that fell silent long ago', `spool-elsewhere-1-${RANDOM}`, true, false],
  ['nobody it knows', 'something-else', true, true],
])('keeps or removes the directory of %s', async (_, name, isOld, isKept) => {
  const directory = join(root, name)
  mkdirSync(directory)
  writeFileSync(join(directory, 'file'), 'bytes')
  if (isOld) utimesSync(directory, 0, 0)
  const spool = createSpool(root, createLogger('test', 'silent'))

  await start(spool)
  await spool.part.stop?.()

  expect(existsSync(directory)).toBe(isKept)
})

async function start(spool: ReturnType<typeof createSpool>): Promise<void> {
  await spool.part.start?.({ signal: new AbortController().signal, fail: () => {} })
}
