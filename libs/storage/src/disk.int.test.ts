import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  statSync,
  watch,
  writeSync,
} from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { diskStorage } from './disk.ts'
import { describeStorage } from './object-storage.conformance.ts'
import { verifySignedPath } from './signed-path.ts'

const publicBase = 'http://api.example/media/'
const signingSecret = 'not a secret'
const audio = { contentType: 'audio/mpeg' }

describeStorage('disk storage', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'disk-storage-'))
  const storage = diskStorage({ directory, signingSecret, publicBase })
  return {
    storage,
    async open(url) {
      // As the API's route does it.
      const { pathname, searchParams } = new URL(url)
      const key = decodeURIComponent(pathname.slice('/media/'.length))
      const grant = verifySignedPath(key, Object.fromEntries(searchParams), signingSecret, Date.now() / 1000)
      return grant && buffer(await storage.read(grant.key))
    },
    async contents() {
      const [objects, unfinished] = await Promise.all([
        filesIn(join(directory, 'objects')),
        filesIn(join(directory, 'unfinished')),
      ])
      return [...objects, ...unfinished]
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
})

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'disk-storage-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const storageAt = (now?: () => number) =>
  diskStorage({ directory, signingSecret, publicBase, ...(now ? { now } : {}) })

async function fileOf(content: string): Promise<string> {
  const path = join(directory, 'upload')
  await writeFile(path, content)
  return path
}

it('takes the file away once it is stored', async () => {
  const path = await fileOf('sound')

  await storageAt().putFile('a/b.mp3', path, audio)

  expect(existsSync(path)).toBe(false)
})

it('leaves the file where it is when storing fails, for another try', async () => {
  const path = await fileOf('sound')
  await writeFile(join(directory, 'objects'), 'in the way')

  await expect(storageAt().putFile('a/b.mp3', path, audio)).rejects.toThrow()

  expect(await readFile(path, 'utf8')).toBe('sound')
})

it('removes the folders that an object leaves empty, and only those', async () => {
  const storage = storageAt()
  await storage.putFile('media/one/a.mp3', await fileOf('1'), audio)
  await storage.putFile('media/two/b.mp3', await fileOf('2'), audio)

  await storage.remove(['media/one/a.mp3'])

  expect(await readdir(join(directory, 'objects/media'))).toEqual(['two'])
})

it('stores into folders while others empty them', async () => {
  const storage = storageAt()

  // Few lanes, so that folders are empty often: of 400 objects, about four met a folder on its way out.
  const lanes = ['a', 'b', 'c', 'd'].map(async (lane) => {
    for (let i = 0; i < 100; i++) {
      const path = join(directory, lane)
      await writeFile(path, 'x')
      await storage.putFile(`media/busy/${lane}.mp3`, path, audio)
      await storage.remove([`media/busy/${lane}.mp3`])
    }
  })

  await expect(Promise.all(lanes)).resolves.toHaveLength(4)
})

it('sweeps what a killed process left, and not what is under way', async () => {
  await mkdir(join(directory, 'unfinished'))
  await writeFile(join(directory, 'unfinished/left'), 'half a file')

  await storageAt().putFile('a/one.mp3', await fileOf('1'), audio)
  expect(await readdir(join(directory, 'unfinished'))).toEqual(['left'])

  await storageAt(() => Date.now() + 2 * 60 * 60_000).putFile('a/two.mp3', await fileOf('2'), audio)
  expect(await readdir(join(directory, 'unfinished'))).toEqual([])
})

it('shows an object whole or not at all, whenever its writer is killed', async () => {
  const lib = fileURLToPath(import.meta.resolve('./disk.ts'))
  const size = 40_000_000
  const whole = createHash('sha256').update(Buffer.alloc(size)).digest('hex')
  // From memory-backed to disk-backed where the machine has both, so that bytes are copied and not linked.
  const source = join(existsSync('/dev/shm') ? await mkdtemp('/dev/shm/disk-storage-') : directory, 'upload')
  const code = `
    import { diskStorage } from ${JSON.stringify(lib)}
    const storage = diskStorage(${JSON.stringify({ directory, signingSecret, publicBase })})
    await storage.putFile('a/b.mp3', ${JSON.stringify(source)}, { contentType: 'audio/mpeg' })
  `
  const target = join(directory, 'objects/a/b.mp3')
  try {
    for (const share of [0.1, 0.5, 0.9]) {
      await rm(target, { force: true })
      await writeFile(source, '')
      await truncate(source, size)
      const writer = spawn(process.execPath, ['--input-type=module', '-e', code], {
        stdio: 'inherit',
        cwd: import.meta.dirname,
      })
      const exited = new Promise((resolve) => writer.once('exit', resolve))
      await vi.waitFor(
        async () => expect(existsSync(target) || (await writtenIn(directory)) >= size * share).toBe(true),
        { timeout: 30_000, interval: 1 },
      )
      writer.kill('SIGKILL')
      await exited

      if (existsSync(target))
        expect(
          createHash('sha256')
            .update(await readFile(target))
            .digest('hex'),
        ).toBe(whole)
    }
  } finally {
    if (source.startsWith('/dev/shm/')) await rm(join(source, '..'), { recursive: true, force: true })
  }
})

it.skipIf(!existsSync('/dev/shm') || statSync('/dev/shm').dev === statSync(tmpdir()).dev)(
  'copies from another file system',
  async () => {
    const elsewhere = await mkdtemp('/dev/shm/disk-storage-')
    try {
      await writeFile(join(elsewhere, 'upload'), 'from afar')

      await storageAt().putFile('a/b.mp3', join(elsewhere, 'upload'), audio)

      expect(await readFile(join(directory, 'objects/a/b.mp3'), 'utf8')).toBe('from afar')
      expect(await readdir(elsewhere)).toEqual([])
    } finally {
      await rm(elsewhere, { recursive: true, force: true })
    }
  },
)

it('names the file of an object, for readers on the same machine', async () => {
  const storage = storageAt()
  await storage.putFile('a/b.mp3', await fileOf('sound'), audio)

  expect(await readFile(storage.localPath?.('a/b.mp3') ?? '', 'utf8')).toBe('sound')
})

describe('a disk that does not answer', () => {
  const givingUpAfter = (timeoutMs: number) =>
    diskStorage({ directory, signingSecret, publicBase, timeoutMs })
  const timeout = { name: 'RetryLaterError', code: 'storage-timeout' }

  it('is given up on by who opens an object', async () => {
    using _pipe = hangingFile(join(directory, 'objects/a/b.mp3'))

    await expect(givingUpAfter(100).read('a/b.mp3')).rejects.toMatchObject(timeout)
  })

  it('is given up on by who waits for the next piece, and not because the reader is slow', async () => {
    using pipe = hangingFile(join(directory, 'objects/a/b.mp3'))
    pipe.write('some')
    const pieces = (await givingUpAfter(1_000).read('a/b.mp3'))[Symbol.asyncIterator]()
    const first = await pieces.next()

    pipe.write('more')
    await delay(1_200)

    expect(`${first.value}${(await pieces.next()).value}`).toBe('somemore')
    await expect(pieces.next()).rejects.toMatchObject(timeout)
  })

  it('stores nothing when it answers after all, and leaves the file for another try', async () => {
    const path = join(directory, 'upload')
    const pipe = hangingFile(path)

    await expect(givingUpAfter(500).putFile('a/b.mp3', path, audio)).rejects.toMatchObject(timeout)
    pipe[Symbol.dispose]()

    await vi.waitFor(async () => expect(await readdir(join(directory, 'unfinished'))).toEqual([]))
    expect(existsSync(path)).toBe(true)
    expect(existsSync(join(directory, 'objects'))).toBe(false)
  })
})

it.skipIf(!existsSync('/proc/self/fd'))(
  'closes the file of a reader who left before the first piece',
  async () => {
    const storage = storageAt()
    await storage.putFile('a/b.mp3', await fileOf('sound'), audio)
    const target = storage.localPath?.('a/b.mp3') ?? ''
    const stream = await storage.read('a/b.mp3')
    expect(openFiles()).toContain(target)

    stream.destroy()

    await vi.waitFor(() => expect(openFiles()).not.toContain(target))
  },
)

it('leaves nothing of an object that was given up while it was put in its place', async () => {
  const target = join(directory, 'objects/a/b.mp3')
  const path = await fileOf('sound')
  await mkdir(dirname(target), { recursive: true })
  const giveUp = new AbortController()
  // The kernel tells of the new name while its folder is still being written out.
  const watcher = watch(dirname(target), () => giveUp.abort(new Error('too late')))

  const put = storageAt().putFile('a/b.mp3', path, { ...audio, signal: giveUp.signal })

  await expect(put).rejects.toThrow('too late')
  watcher.close()
  expect(await readdir(join(directory, 'objects'))).toEqual([])
  expect(await readFile(path, 'utf8')).toBe('sound')
})

it('takes a folder for no object', async () => {
  const storage = storageAt()
  await storage.putFile('a/b.mp3', await fileOf('sound'), audio)

  expect(await storage.stat('a')).toBeUndefined()
  expect(await storage.stat('a/b.mp3/c')).toBeUndefined()
  await expect(storage.read('a/b.mp3/c')).rejects.toMatchObject({ code: 'object-not-found' })
})

/** A pipe without a writer: whoever opens it to read hangs in the kernel, as on a share whose server is away. */
function hangingFile(path: string): Disposable & { write(text: string): void } {
  mkdirSync(dirname(path), { recursive: true })
  execFileSync('mkfifo', [path])
  let writer: number | undefined
  // For reading too: then opening doesn't wait for somebody who reads.
  const open = () => (writer ??= openSync(path, constants.O_RDWR))
  return {
    write: (text) => writeSync(open(), text),
    // Lets go whoever still hangs: a test run can't end before its threads.
    [Symbol.dispose]: () => closeSync(open()),
  }
}

/** What this process has open (by /proc, so on Linux only). */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return []
    }
  })
}

async function filesIn(root: string): Promise<{ key: string; sizeBytes: number }[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(
    files.map(async (path) => ({ key: relative(root, path), sizeBytes: (await stat(path)).size })),
  )
}

async function writtenIn(root: string): Promise<number> {
  const files = await filesIn(join(root, 'unfinished')).catch(() => [])
  return Math.max(0, ...files.map(({ sizeBytes }) => sizeBytes))
}
