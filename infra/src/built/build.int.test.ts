import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { build } from './build.ts'

const SOURCE = path.join(import.meta.dirname, '../../fixtures/failing-program.ts')
// As browsers and desktops name what they have copied.
const folder = mkdtempSync(path.join(os.tmpdir(), 'built (copy) '))
let logged: { err: { stack: string }; here: string; folder: string }
beforeAll(async () => {
  await build({ failing: SOURCE }, folder)
  logged = JSON.parse(
    execFileSync(process.execPath, [path.join(folder, 'failing.mjs')], { encoding: 'utf8' }),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('has the log name the line of our source where an error arose, and no built file', () => {
  const lines = readFileSync(SOURCE, 'utf8').split('\n')
  const line = lines.findIndex((text) => text.includes('new Error')) + 1

  expect(logged.err.stack).toMatch(new RegExp(`at faulty [(]${pathToFileURL(SOURCE)}:${line}:\\d+[)]`))
  expect(logged.err.stack).not.toContain('.mjs')
})

it('tells a source that it is where it was, so that it finds what lies beside it', () => {
  expect(logged.here).toBe(pathToFileURL(SOURCE).href)
  expect(path.resolve(logged.folder)).toBe(path.dirname(SOURCE))
})
