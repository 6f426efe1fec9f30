import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { asDiskFull, saysDiskFull } from './disk-space.ts'
import { errorCode } from './error-report.ts'
import { createLogger } from './log.ts'
import { type ScratchDirectory, scratchDirectory } from './scratch-directory.ts'

const RANDOM = '0b6a2c8e-1f5d-4c3b-9a7e-2d4f6b8c0e1a'
/** Larger than any process number there is. */
const NOBODY = 2 ** 22 + 1

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'scratch-test-'))
})
const running: ScratchDirectory[] = []
afterEach(async () => {
  for (const scratch of running.splice(0)) await scratch.part.stop?.()
  rmSync(root, { recursive: true, force: true })
})

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

describe('room on the disk', () => {
  it('is given to one at a time where it is enough for one only, and given back', async () => {
    const scratch = await started()
    const bytes = Math.floor(freeBytes() * 0.6)

    const first = await scratch.reserve(bytes)
    const second = scratch.reserve(bytes)

    await expect(second).rejects.toMatchObject({ code: 'disk_full', retryAfterMs: expect.any(Number) })
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    using again = await scratch.reserve(bytes)
    expect(again.bytes).toBe(bytes)
    await expect(scratch.reserve(bytes)).rejects.toMatchObject({ code: 'disk_full' })
  })

  it('is not promised twice to two who ask at once', async () => {
    const scratch = await started()
    const bytes = Math.floor(freeBytes() * 0.6)

    const both = await Promise.allSettled([scratch.reserve(bytes), scratch.reserve(bytes)])

    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  it('says how much is missing', async () => {
    const scratch = await started()

    await expect(scratch.reserve(1e15)).rejects.toThrow(/may take 1000000000 MB, and \d+ MB are free/)
  })
})

describe('a folder of its own', () => {
  it('is there for the work and gone after it', async () => {
    const scratch = await started()

    const [folder, names] = await scratch.withFolder(1, async (it) => {
      writeFileSync(join(it, 'file'), 'bytes')
      return [it, readdirSync(it)]
    })

    expect(dirname(folder)).toBe(scratch.path)
    expect(names).toEqual(['file'])
    expect(existsSync(folder)).toBe(false)
  })

  it('is gone and its room given back when the work fails, with what it failed of', async () => {
    const scratch = await started()
    const bytes = Math.floor(freeBytes() * 0.6)
    const failing = () =>
      scratch.withFolder(bytes, (folder) => {
        writeFileSync(join(folder, 'file'), 'bytes')
        throw new Error('its own reason')
      })

    await expect(failing()).rejects.toThrow('its own reason')
    await expect(failing()).rejects.toThrow('its own reason')
    expect(readdirSync(scratch.path)).toEqual([])
  })

  it('is not made where there is no room', async () => {
    const scratch = await started()
    let isDone = false

    const refused = scratch.withFolder(1e15, async () => {
      isDone = true
    })

    await expect(refused).rejects.toMatchObject({ code: 'disk_full' })
    expect([isDone, readdirSync(scratch.path)]).toEqual([false, []])
  })

  it.skipIf(!existsSync('/dev/full'))('puts work off that fills the disk all the same', async () => {
    const scratch = await started()

    const filling = scratch.withFolder(1, () => writeFile('/dev/full', 'bytes'))

    await expect(filling).rejects.toMatchObject({
      name: 'RetryLaterError',
      code: 'disk_full',
      cause: { code: 'ENOSPC' },
    })
  })
})

it.each([
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EIO', 'EIO'],
])('of %s deep in a failure makes %s', (code, expected) => {
  const failure = new Error('outer', { cause: Object.assign(new Error('inner'), { code }) })

  expect(errorCode(asDiskFull(failure))).toBe(expected)
})

it.each([
  ['av_interleaved_write_frame(): No space left on device', true],
  ['Error writing trailer of file:/x: No space left on device', true],
  ['ERROR: unable to write data: [Errno 28] No space left on device', true],
  ['OSError: [Errno 122] Disk quota exceeded', true],
  ['    title           : No space left on device', false],
  ['    title           : Write error: No space left on device', false],
  ['Error opening input: Permission denied', false],
])('reads %j of a tool as a full disk: %s', (line, isFull) => {
  expect(saysDiskFull(`first\n${line}\nlast`)).toBe(isFull)
})

async function started(): Promise<ScratchDirectory> {
  const scratch = scratchDirectory(root, createLogger('test', 'silent'))
  await start(scratch)
  running.push(scratch)
  return scratch
}

/** As `reserve` counts, give or take what others write meanwhile. */
function freeBytes(): number {
  const { bavail, bsize } = statfsSync(root)
  return bavail * bsize - 256 * 1024 ** 2
}

async function start(scratch: ReturnType<typeof scratchDirectory>): Promise<void> {
  await scratch.part.start?.({ signal: new AbortController().signal, fail: () => {} })
}
