import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeStorage } from './object-storage.conformance.ts'
import type { ObjectStorage } from './port.ts'
import { supabaseStorage } from './supabase.ts'
import { type SupabaseServer, supabaseServer } from './testing/supabase-server.ts'

const limits = { timeoutMs: 10_000, retryDelayMs: 1 }

describeStorage('Supabase storage', async () => {
  const server = await supabaseServer()
  return {
    storage: supabaseStorage({ ...server, ...limits }),
    async open(url) {
      const response = await fetch(url)
      return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined
    },
    contents: async () => [...server.objects].map(([key, { bytes }]) => ({ key, sizeBytes: bytes.length })),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
})

let server: SupabaseServer
let storage: ObjectStorage
let folder: string

beforeEach(async () => {
  server = await supabaseServer()
  storage = supabaseStorage({ ...server, ...limits })
  folder = await mkdtemp(join(tmpdir(), 'supabase-test-'))
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const audio = { contentType: 'audio/mpeg' }
const key = 'media/a/b.mp3'
const sixMiB = 6 * 1024 * 1024

async function put(bytes: Buffer, options = {}): Promise<void> {
  const path = join(folder, 'upload')
  await writeFile(path, bytes)
  await storage.putFile(key, path, { ...audio, ...options })
}

it('remembers what kind of sound it stored', async () => {
  await put(Buffer.from('x'))
  expect(await storage.stat(key)).toEqual({ sizeBytes: 1, contentType: 'audio/mpeg' })

  await put(randomBytes(sixMiB + 1))
  expect(await storage.stat(key)).toEqual({ sizeBytes: sixMiB + 1, contentType: 'audio/mpeg' })
})

it('sends a large file in pieces of exactly 6 MiB', async () => {
  await put(randomBytes(2 * sixMiB + 5))

  expect(server.pieces).toEqual([sixMiB, sixMiB, 5])
})

it('goes on with a large file where its connection broke', async () => {
  const bytes = randomBytes(3 * sixMiB)
  server.trouble(/^PATCH/, { kind: 'break-off', afterBytes: 1_000_000 }, { kind: 'hang-up' })

  await put(bytes)

  expect(server.objects.get(key)?.bytes.equals(bytes)).toBe(true)
  expect(server.requests.filter((line) => line.startsWith('POST'))).toHaveLength(1)
})

it.each([
  ['too many requests', 429, { statusCode: '429', code: 'SlowDown' }],
  ['a database that is slow, said with status 400', 400, { statusCode: '544', code: 'DatabaseTimeout' }],
  ['a locked object', 423, { statusCode: '423', code: 'ResourceLocked' }],
  ["a gateway's page", 502, '<html>Bad gateway</html>'],
  ['no answer from behind', 503, ''],
])('tries again after %s', async (_, status, body) => {
  server.trouble(/^POST/, { kind: 'refuse', status, body })
  await put(Buffer.from('sound'))
  expect(server.objects.get(key)?.bytes.toString()).toBe('sound')

  server.trouble(/^GET/, { kind: 'refuse', status, body })
  expect((await buffer(await storage.read(key))).toString()).toBe('sound')

  server.trouble(/^GET/, { kind: 'refuse', status, body })
  expect(await storage.stat(key)).toMatchObject({ sizeBytes: 5 })

  server.trouble(/^DELETE/, { kind: 'refuse', status, body })
  await storage.remove([key])
  expect(server.objects.size).toBe(0)
})

it('tries again after a connection that was hung up', async () => {
  server.trouble(/./, { kind: 'hang-up' }, { kind: 'hang-up' })

  await put(Buffer.from('sound'))

  expect(server.objects.size).toBe(1)
})

it('asks to come back later when it stays busy, for as long as the server said', async () => {
  const busy = { kind: 'refuse', status: 429, headers: { 'retry-after': '7' } } as const
  await put(Buffer.from('sound'))
  server.trouble(/^GET/, busy, busy, busy)

  await expect(storage.read(key)).rejects.toMatchObject({
    name: 'RetryLaterError',
    code: 'storage-busy',
    retryAfterMs: 7000,
  })
})

it('asks to come back later when nobody is there', async () => {
  await server[Symbol.asyncDispose]()

  const outcomes = await Promise.allSettled([
    storage.stat(key),
    storage.read(key),
    storage.remove([key]),
    storage.signedUrl(key, { expiresInSeconds: 1 }),
    put(Buffer.from('x')),
  ])

  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ reason: { name: 'RetryLaterError', code: 'storage-unreachable' } })
  }
})

it.each([
  ['put', (impatient: ObjectStorage) => impatient.putFile(key, join(folder, 'small'), audio)],
  ['put a large file', (impatient: ObjectStorage) => impatient.putFile(key, join(folder, 'large'), audio)],
  ['read', (impatient: ObjectStorage) => impatient.read(key)],
  ['stat', (impatient: ObjectStorage) => impatient.stat(key)],
  ['remove', (impatient: ObjectStorage) => impatient.remove([key])],
  ['sign', (impatient: ObjectStorage) => impatient.signedUrl(key, { expiresInSeconds: 1 })],
])('gives up on a server that never answers: %s', async (_, act) => {
  await writeFile(join(folder, 'small'), 'x')
  await writeFile(join(folder, 'large'), '')
  await truncate(join(folder, 'large'), sixMiB + 1)
  server.trouble(/./, { kind: 'silence' })
  const impatient = supabaseStorage({ ...server, timeoutMs: 30, retryDelayMs: 1 })

  await expect(act(impatient)).rejects.toMatchObject({ name: 'RetryLaterError', code: 'storage-timeout' })
})

it.each([
  ['put', (signal: AbortSignal) => storage.putFile(key, join(folder, 'small'), { ...audio, signal })],
  ['read', (signal: AbortSignal) => storage.read(key, { signal })],
  ['stat', (signal: AbortSignal) => storage.stat(key, { signal })],
  ['remove', (signal: AbortSignal) => storage.remove([key], { signal })],
  ['sign', (signal: AbortSignal) => storage.signedUrl(key, { expiresInSeconds: 1, signal })],
])('stops waiting when told to: %s', async (_, act) => {
  await writeFile(join(folder, 'small'), 'x')
  server.trouble(/./, { kind: 'silence' })
  const abort = new AbortController()

  const acting = act(abort.signal)
  abort.abort(new Error('no longer wanted'))

  await expect(acting).rejects.toThrow('no longer wanted')
})

it('fails a reader whose bytes break off, and never ends as if that were all', async () => {
  await put(randomBytes(1_000_000))
  server.trouble(/^GET/, { kind: 'break-off', afterBytes: 1000 })

  const reading = buffer(await storage.read(key))

  await expect(reading).rejects.toMatchObject({ name: 'RetryLaterError' })
})

it('fails a reader whose bytes stop coming', async () => {
  await put(randomBytes(1_000_000))
  server.trouble(/^GET/, { kind: 'stall', afterBytes: 1000 })
  const impatient = supabaseStorage({ ...server, timeoutMs: 1_000, retryDelayMs: 1 })

  const reading = buffer(await impatient.read(key))

  await expect(reading).rejects.toMatchObject({ name: 'RetryLaterError', code: 'storage-timeout' })
})

it('says that a bucket is missing, and not that the object is', async () => {
  const misplaced = supabaseStorage({ ...server, ...limits, bucket: 'elsewhere' })

  await expect(misplaced.stat(key)).rejects.toThrow(/NoSuchBucket/)
  await expect(misplaced.read(key)).rejects.toThrow(/NoSuchBucket/)
})

it('says that its key is refused, without telling the key', async () => {
  const error = await supabaseStorage({ ...server, ...limits, serviceKey: 'sb_secret_wrong' })
    .stat(key)
    .then(() => undefined, String)

  expect(error).toContain('403')
  expect(error).not.toContain('sb_secret_wrong')
})

it('holds no large file in memory', async () => {
  const path = join(folder, 'large')
  await writeFile(path, '')
  await truncate(path, 200_000_000)
  server.forgetBytes = true
  globalThis.gc?.()
  const before = process.memoryUsage().arrayBuffers

  let most = 0
  server.onPiece = () => {
    most = Math.max(most, process.memoryUsage().arrayBuffers)
  }
  await storage.putFile(key, path, audio)

  expect(server.pieces.reduce((sum, size) => sum + size, 0)).toBe(200_000_000)
  expect(most - before).toBeLessThan(150_000_000)
})
