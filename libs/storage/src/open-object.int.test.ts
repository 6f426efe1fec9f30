import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { diskStorage } from './disk.ts'
import { openObjectIn } from './open-object.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-object-'))
  await writeFile(join(folder, 'upload'), 'sound')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const signal = new AbortController().signal

async function storageWithSound() {
  const storage = diskStorage({
    directory: join(folder, 'storage'),
    signingSecret: 's',
    publicBase: 'http://x/',
  })
  await storage.putFile('a/b.mp3', join(folder, 'upload'), { contentType: 'audio/mpeg' })
  return storage
}

it("opens the object's own file where it is on this disk", async () => {
  const storage = await storageWithSound()

  expect(await openObjectIn(storage)('a/b.mp3', folder, signal)).toBe(storage.localPath?.('a/b.mp3'))
})

it('makes a copy where objects are elsewhere', async () => {
  const { localPath: _, ...remote } = await storageWithSound()

  const path = await openObjectIn(remote)('a/b.mp3', folder, signal)

  expect(path.startsWith(folder)).toBe(true)
  expect(await readFile(path, 'utf8')).toBe('sound')
})

it('says that an object is not there', async () => {
  const storage = await storageWithSound()

  await expect(openObjectIn(storage)('a/other.mp3', folder, signal)).rejects.toMatchObject({
    code: 'object-not-found',
  })
})
