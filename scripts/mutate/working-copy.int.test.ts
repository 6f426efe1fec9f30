import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../checks/source-files.ts'
import { makeWorkingCopy } from './working-copy.ts'

const KEYS = 'libs/bus/src/keys.ts'

it('runs what is edited in it, for as long as that takes, and leaves the project alone', async () => {
  const copy = makeWorkingCopy(ROOT)
  const groupIn = () =>
    execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: path.join(copy.root, 'libs/jobs'),
    })
      .toString()
      .trim()
  const program = `import { streamKey } from '@app/bus'; console.log(streamKey('p', 'q', 'high'))`
  const original = readFileSync(path.join(ROOT, KEYS), 'utf8')

  try {
    expect(groupIn()).toBe('p:queue:{q}:high')
    const edited = await copy.with([{ file: KEYS, find: ':queue:', replace: ':edited:' }], async () =>
      groupIn(),
    )

    expect(edited).toBe('p:edited:{q}:high')
    expect(groupIn()).toBe('p:queue:{q}:high')
    expect(readFileSync(path.join(ROOT, KEYS), 'utf8')).toBe(original)
    // Installed packages are where they were.
    expect(realpathSync(path.join(copy.root, 'node_modules/ioredis'))).toBe(
      realpathSync(path.join(ROOT, 'node_modules/ioredis')),
    )
  } finally {
    copy.remove()
  }
  expect(existsSync(copy.root)).toBe(false)
})
