import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { withLock } from './lock.mjs'

let folder
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('lets one do its work after the other, and leaves nothing behind', async () => {
  const file = path.join(folder, 'setup.lock')
  const log = []
  const work = (name) => async () => {
    log.push(`${name} begins`)
    await new Promise(setImmediate)
    log.push(`${name} ends`)
  }

  await Promise.all([withLock(file, work('one')), withLock(file, work('other'))])

  expect(log).toEqual(['one begins', 'one ends', 'other begins', 'other ends'])
  expect(existsSync(file)).toBe(false)
})

it('does not wait for a holder that was killed', async () => {
  const file = path.join(folder, 'setup.lock')
  const killed = spawn('true')
  await once(killed, 'exit')
  writeFileSync(file, String(killed.pid))

  expect(await withLock(file, async () => 'done')).toBe('done')
})

it('gives the lock back when the work fails', async () => {
  const file = path.join(folder, 'setup.lock')

  await expect(withLock(file, () => Promise.reject(new Error('no network')))).rejects.toThrow('no network')

  expect(existsSync(file)).toBe(false)
})
