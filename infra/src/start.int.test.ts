import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ROOT } from './built/programs.ts'
import { startChild } from './process/child.ts'

// A clone of its own, as far as starting it goes.
let clone: string
beforeEach(() => {
  clone = mkdtempSync(path.join(os.tmpdir(), 'clone-'))
  for (const name of ['node_modules', 'libs', 'services', 'package-lock.json', 'tsconfig.json']) {
    symlinkSync(path.join(ROOT, name), path.join(clone, name))
  }
  for (const name of ['package.json', 'src']) {
    cpSync(path.join(ROOT, 'infra', name), path.join(clone, 'infra', name), { recursive: true })
  }
})
afterEach(() => rmSync(clone, { recursive: true, force: true }))

it.each([
  // As little can be written there as in a clone that is read-only.
  [
    'nothing that is built can be written',
    () => {
      mkdirSync(path.join(clone, '.cache'))
      writeFileSync(path.join(clone, '.cache/built'), 'not a folder')
    },
    'EEXIST',
  ],
  [
    'what is built would be in another place',
    () => {
      mkdirSync(path.join(clone, 'elsewhere'))
      symlinkSync('elsewhere', path.join(clone, '.cache'))
    },
    'is a link to',
  ],
])('runs the sources, and says why, where %s', async (_, prepare, why) => {
  prepare()
  // Ends it as soon as it runs, before it starts anything.
  const taken = createServer().listen(0)
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const lines: string[] = []

  const child = await startChild({
    command: process.execPath,
    args: [
      path.join(clone, 'infra/src/start.ts'),
      '--data-dir',
      path.join(clone, 'data'),
      '--port',
      `${port}`,
    ],
    tie: 'ipc',
    onLine: (line) => lines.push(line),
  })
  const how = await child.exited
  taken.close()

  expect(lines).toEqual([
    expect.stringMatching(`^Starting from the sources, .* they could not be built [(].*${why}.*[)][.]$`),
    expect.stringContaining(`Port ${port} is in use`),
  ])
  expect(how).toBe('exit code 1')
})
