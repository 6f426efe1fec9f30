import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ObjectStorage } from './port.ts'

export interface StorageUnderTest extends AsyncDisposable {
  storage: ObjectStorage
  /** Reads what a signed address leads to, as somebody without any credentials; undefined where it is refused. */
  open(url: string): Promise<Buffer | undefined>
  /** Keys and sizes of everything that is stored, finished or not. */
  contents(): Promise<{ key: string; sizeBytes: number }[]>
}

/** Every object storage passes this, so nobody else need know which one they have. */
export function describeStorage(name: string, make: () => Promise<StorageUnderTest>): void {
  describe(`${name}, as any object storage`, () => {
    let under: StorageUnderTest
    let folder: string

    beforeEach(async () => {
      under = await make()
      folder = await mkdtemp(join(tmpdir(), 'storage-test-'))
    })
    afterEach(async () => {
      await under[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    })

    const audio = { contentType: 'audio/mpeg' }
    const newKey = () => `media/${randomUUID()}/sound.mp3`

    async function fileOf(bytes: Buffer): Promise<string> {
      const path = join(folder, randomUUID())
      await writeFile(path, bytes)
      return path
    }

    async function stored(bytes: Buffer): Promise<string> {
      const key = newKey()
      await under.storage.putFile(key, await fileOf(bytes), audio)
      return key
    }

    const readAll = async (key: string, range?: { start: number; end: number }) =>
      buffer(await under.storage.read(key, range ? { range } : {}))

    it.each([0, 1, 70_000, 6 * 1024 * 1024, 14_000_000])('gives back %d bytes as they were', async (size) => {
      const bytes = randomBytes(size)

      const key = await stored(bytes)

      expect((await readAll(key)).equals(bytes)).toBe(true)
      expect(await under.storage.stat(key)).toMatchObject({ sizeBytes: size })
    })

    it('gives a part, both ends included', async () => {
      const key = await stored(Buffer.from('0123456789'))

      expect((await readAll(key, { start: 2, end: 5 })).toString()).toBe('2345')
      expect((await readAll(key, { start: 9, end: 9 })).toString()).toBe('9')
    })

    it('knows of no object that was never stored', async () => {
      expect(await under.storage.stat(newKey())).toBeUndefined()
      await expect(under.storage.read(newKey())).rejects.toMatchObject({ code: 'object-not-found' })
    })

    it('stores the same key again, as a retry does', async () => {
      const key = await stored(Buffer.from('first'))

      await under.storage.putFile(key, await fileOf(Buffer.from('again')), audio)

      expect((await readAll(key)).toString()).toBe('again')
    })

    it('removes several, and takes those that are not there for removed', async () => {
      const [one, two, kept] = [
        await stored(Buffer.from('1')),
        await stored(Buffer.from('2')),
        await stored(Buffer.from('3')),
      ]

      await under.storage.remove([one, newKey(), two])
      await under.storage.remove([one])
      await under.storage.remove([])

      expect(await under.contents()).toEqual([{ key: kept, sizeBytes: 1 }])
    })

    it('removes more at once than fit into one request', async () => {
      const key = await stored(Buffer.from('1'))

      await under.storage.remove([...Array.from({ length: 1500 }, newKey), key])

      expect(await under.contents()).toEqual([])
    })

    it.each([
      '../escape',
      'a/../../escape',
      '/absolute',
      'a//b',
      'a/',
      '',
      '.hidden',
      'name with spaces',
      'Кино.mp3',
      'a\0b',
      'a\\b',
      'a?b',
      `a/${'x'.repeat(600)}`,
    ])('refuses the key %j', async (key) => {
      const refusal = { code: 'object-key-invalid' }
      const path = await fileOf(Buffer.from('x'))

      await expect(under.storage.putFile(key, path, audio)).rejects.toMatchObject(refusal)
      await expect(under.storage.read(key)).rejects.toMatchObject(refusal)
      await expect(under.storage.stat(key)).rejects.toMatchObject(refusal)
      await expect(under.storage.remove([key])).rejects.toMatchObject(refusal)
      await expect(under.storage.signedUrl(key, { expiresInSeconds: 60 })).rejects.toMatchObject(refusal)
    })

    it('signs an address that anybody can read', async () => {
      const key = await stored(Buffer.from('open to all'))

      const url = await under.storage.signedUrl(key, {
        expiresInSeconds: 3600,
        downloadName: 'Война & мир.mp3',
      })

      expect((await under.open(url))?.toString()).toBe('open to all')
      expect(
        new URL(url).searchParams.getAll('download').concat(new URL(url).searchParams.getAll('name')),
      ).toEqual(['Война & мир.mp3'])
    })

    it('signs an address for one object only', async () => {
      const [mine, other] = [await stored(Buffer.from('mine')), await stored(Buffer.from('other'))]

      const url = await under.storage.signedUrl(mine, { expiresInSeconds: 3600 })

      expect((await under.open(url.replace(mine, other)))?.toString()).not.toBe('other')
    })

    it('stores nothing when it was told to stop before', async () => {
      const path = await fileOf(randomBytes(1000))
      const signal = AbortSignal.abort(new Error('the sender hung up'))

      await expect(under.storage.putFile(newKey(), path, { ...audio, signal })).rejects.toThrow(
        'the sender hung up',
      )

      expect(await under.contents()).toEqual([])
    })

    it('stops reading when told to', async () => {
      const key = await stored(randomBytes(3_000_000))
      const abort = new AbortController()
      const stream = await under.storage.read(key, { signal: abort.signal })

      const reading = buffer(stream)
      abort.abort(new Error('the listener left'))

      await expect(reading).rejects.toThrow()
    })

    it('leaves a file that is missing to whoever named it', async () => {
      const missing = under.storage.putFile(newKey(), join(folder, 'missing'), audio)

      await expect(missing).rejects.toMatchObject({ code: 'ENOENT' })
      expect(await under.contents()).toEqual([])
    })

    it('stores many at once, whole', async () => {
      const all = Array.from({ length: 12 }, (_, i) => Buffer.alloc(50_000, i))

      const keys = await Promise.all(all.map(stored))

      for (const [i, key] of keys.entries()) expect((await readAll(key)).equals(all[i] as Buffer)).toBe(true)
    })
  })
}
