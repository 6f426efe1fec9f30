import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keptObjects } from './kept-objects.ts'

let scratch: string
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'kept-objects-'))
})
afterEach(() => rm(scratch, { recursive: true, force: true }))

const signal = new AbortController().signal
const runDirectory = () => mkdtemp(join(scratch, 'run-'))

/** Storage elsewhere, which counts what is fetched. */
function remote() {
  const fetched: string[] = []
  const open = async (key: string, directory: string, { aborted }: AbortSignal) => {
    fetched.push(key)
    if (aborted) throw new Error('aborted')
    const path = join(directory, 'object')
    await writeFile(path, key)
    return path
  }
  return { fetched, open }
}

it('fetches a recording once for all its parts, also for those that ask at the same time', async () => {
  const { fetched, open } = remote()
  const openKept = keptObjects(open, scratch)

  const paths = await Promise.all(
    [1, 2, 3].map(async () => await openKept('a', await runDirectory(), signal)),
  )

  expect(new Set(paths).size).toBe(3)
  for (const path of paths) expect(await readFile(path, 'utf8')).toBe('a')
  expect(fetched).toEqual(['a'])
})

it('gives up the copy that was not asked for longest, and whoever reads it reads on', async () => {
  const { fetched, open } = remote()
  const openKept = keptObjects(open, scratch)
  const first = await openKept('a', await runDirectory(), signal)

  for (const key of ['b', 'a', 'c', 'a', 'b']) await openKept(key, await runDirectory(), signal)

  expect(fetched).toEqual(['a', 'b', 'c', 'b'])
  expect(await readFile(first, 'utf8')).toBe('a')
})

it('fetches anew where the one that was fetching was stopped', async () => {
  const { fetched, open } = remote()
  const openKept = keptObjects(open, scratch)

  const directories = [await runDirectory(), await runDirectory()] as const
  const stopped = expect(openKept('a', directories[0], AbortSignal.abort())).rejects.toThrow('aborted')
  const other = openKept('a', directories[1], signal)

  await stopped
  expect(await readFile(await other, 'utf8')).toBe('a')
  expect(fetched).toEqual(['a', 'a'])
})

it('gives up no copy that is being fetched, however many others are', async () => {
  const { fetched, open } = remote()
  const others = Promise.withResolvers<void>()
  const openKept = keptObjects(async (key, directory, aborted) => {
    if (key === 'a') await others.promise
    return open(key, directory, aborted)
  }, scratch)

  const first = openKept('a', await runDirectory(), signal)
  for (const key of ['b', 'c', 'd']) await openKept(key, await runDirectory(), signal)
  others.resolve()

  expect(await readFile(await first, 'utf8')).toBe('a')
  expect(fetched).toEqual(['b', 'c', 'd', 'a'])
})

it('fetches once for all who waited for a fetch that failed', async () => {
  const { fetched, open } = remote()
  const openKept = keptObjects(open, scratch)

  const directories = [await runDirectory(), await runDirectory(), await runDirectory()] as const
  const stopped = expect(openKept('a', directories[0], AbortSignal.abort())).rejects.toThrow('aborted')
  const others = Promise.all([openKept('a', directories[1], signal), openKept('a', directories[2], signal)])

  await stopped
  for (const path of await others) expect(await readFile(path, 'utf8')).toBe('a')
  expect(fetched).toEqual(['a', 'a'])
})

it('opens what lies on this disk where it is', async () => {
  const own = join(scratch, 'own')
  await writeFile(own, 'here')
  const openKept = keptObjects(async () => own, scratch)

  expect(await openKept('a', await runDirectory(), signal)).toBe(own)
  expect(existsSync(own)).toBe(true)
})
