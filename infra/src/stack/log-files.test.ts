import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openLogFile } from './log-files.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'logs-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const read = (name: string) => readFileSync(path.join(dataDir, 'logs', name), 'utf8')

it('goes on in the file of the run before', () => {
  openLogFile(dataDir, 'api')('first run')
  openLogFile(dataDir, 'api')('second run')

  expect(read('api.log')).toBe('first run\nsecond run\n')
})

it('sets a file that has grown large aside and keeps one such', () => {
  const log = openLogFile(dataDir, 'api', 100)
  log('a'.repeat(100))
  log('b'.repeat(100))
  log('c')

  expect(read('api.log.1')).toBe(`${'b'.repeat(100)}\n`)
  expect(read('api.log')).toBe('c\n')
})
