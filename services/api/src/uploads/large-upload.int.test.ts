import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { testDatabase, testRedis } from '@app/testkit'
import { expect, it, vi } from 'vitest'
import { type ChildApi, startChildApi } from '../testing/child-api.ts'
import { adminToken } from '../testing/tokens.ts'
import { longWavForm } from '../testing/wav-stream.ts'

const FIVE_HOURS_S = 5 * 3_600
const MEGABYTE = 1024 * 1024

it.skipIf(process.platform !== 'linux')(
  'takes 280 MB in without its memory growing (measured in /proc, so on Linux only)',
  async () => {
    await using database = await testDatabase()
    await using api = await startChildApi({ databaseUrl: database.url, redis: testRedis() })
    // What buffers and code need once: an hour is 55 MB.
    await send(api, 3_600)
    const beforeBytes = peakMemoryBytes(api.pid)

    const answer = await send(api, FIVE_HOURS_S)

    expect(answer).toMatchObject({ status: 201, body: { file_size_bytes: 44 + FIVE_HOURS_S * 16_000 } })
    expect(peakMemoryBytes(api.pid) - beforeBytes).toBeLessThan(50 * MEGABYTE)
    expect(await api.stop()).toBe(0)
  },
  120_000,
)

it('leaves nothing of a file that was arriving when the process was killed', async () => {
  await using database = await testDatabase()
  const redis = testRedis()
  await using first = await startChildApi({ databaseUrl: database.url, redis })
  const { sending, form } = await startSending(first, 600)
  sending.on('error', () => {})
  const parts = form.body[Symbol.asyncIterator]()
  for (let part = 0; part < 4; part += 1) sending.write((await parts.next()).value)
  await vi.waitFor(() => expect(filesUnder(first.directory, 'arriving')).toHaveLength(1), 20_000)

  await first.kill()
  sending.destroy()
  const left = filesUnder(first.directory, 'arriving')
  await using _second = await startChildApi({ databaseUrl: database.url, redis, directory: first.directory })

  expect(left).toHaveLength(1)
  expect(filesUnder(first.directory, 'arriving')).toEqual([])
  expect(filesUnder(first.directory, 'objects')).toEqual([])
})

async function send(api: ChildApi, seconds: number) {
  const { sending, form } = await startSending(api, seconds)
  const answered = new Promise<{ status: number | undefined; body: unknown }>((resolve, reject) => {
    sending.on('error', reject)
    sending.on('response', async (response) => {
      const text = await new Response(Readable.toWeb(response) as ReadableStream).text()
      resolve({ status: response.statusCode, body: JSON.parse(text) })
    })
  })
  await pipeline(form.body, sending)
  return await answered
}

/** Announces an upload and opens the request for its file. */
async function startSending(api: ChildApi, seconds: number) {
  const form = longWavForm(seconds)
  const base = `${api.url}/api/v1/admin/uploads`
  const authorization = `Bearer ${await adminToken()}`
  const upload = await fetch(base, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ upload_type: 'single', total_files: 1, total_size_bytes: form.length }),
  })
  const { upload_id } = (await upload.json()) as { upload_id: string }
  const sending = request(`${base}/${upload_id}/files`, {
    method: 'POST',
    headers: { authorization, 'content-type': form.contentType, 'content-length': form.length },
  })
  return { sending, form }
}

/** The most that was ever in memory at once. */
function peakMemoryBytes(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

function filesUnder(directory: string, folder: string): string[] {
  try {
    const entries = readdirSync(join(directory, folder), { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
  } catch {
    return []
  }
}
