import { signPath } from '@app/storage'
import { testDatabase, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { newBook } from '../testing/seed.ts'
import { SIGNING_SECRET, startTestApi, type TestApi } from '../testing/test-api.ts'
import { toneWav } from '../testing/wav.ts'

const BYTES = toneWav({ hertz: 200 })

it('serves a recording whole and in part, as players ask for it', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const url = await mediaUrl(api)
  const got = async (headers: Record<string, string>) => {
    const response = await api.get(url, headers)
    const range = response.headers.get('content-range')
    return { status: response.status, range, bytes: Buffer.from(await response.arrayBuffer()) }
  }

  const whole = await api.get(url)
  const part = await got({ range: 'bytes=44-99' })
  const end = await got({ range: 'bytes=-10' })
  const beyond = await got({ range: `bytes=${BYTES.length}-` })
  const other = await got({ range: 'bytes=0-9', 'if-range': '"an older version"' })
  const known = await got({ range: 'bytes=0-9', 'if-none-match': whole.headers.get('etag') ?? '' })

  expect(whole.status).toBe(200)
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'content-type': 'audio/wav',
    'content-length': String(BYTES.length),
    'accept-ranges': 'bytes',
    'content-disposition': 'attachment',
    'x-content-type-options': 'nosniff',
  })
  expect(Buffer.from(await whole.arrayBuffer()).equals(BYTES)).toBe(true)
  expect(part).toMatchObject({ status: 206, range: `bytes 44-99/${BYTES.length}` })
  expect(part.bytes.equals(BYTES.subarray(44, 100))).toBe(true)
  expect(end.bytes.equals(BYTES.subarray(-10))).toBe(true)
  expect(beyond).toMatchObject({ status: 416, range: `bytes */${BYTES.length}` })
  expect(other).toMatchObject({ status: 200 })
  expect(known).toMatchObject({ status: 304, range: null })
  expect(known.bytes).toHaveLength(0)
})

it('answers HEAD with what GET would say, and no bytes', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

  const response = await api.app.request(pathOf(await mediaUrl(api)), { method: 'HEAD' })

  expect(response.status).toBe(200)
  expect(response.headers.get('content-length')).toBe(String(BYTES.length))
  expect(await response.text()).toBe('')
})

it('serves nothing at addresses that are forged, expired, or of what is gone', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const url = await mediaUrl(api)
  const key = decodeURIComponent(new URL(url).pathname.replace('/media/', ''))
  const nowS = Math.floor(Date.now() / 1000)
  const statusOf = async (path: string) => (await api.get(path)).status
  const signed = (change: { key?: string; expiresAt?: number }, secret = SIGNING_SECRET) =>
    `/media/${signPath({ key, expiresAt: nowS + 60, ...change }, secret)}`

  expect(await statusOf(signed({}))).toBe(200)
  expect(await statusOf(signed({}, 'x'.repeat(32)))).toBe(403)
  expect(await statusOf(signed({ expiresAt: nowS - 1 }))).toBe(403)
  expect(await statusOf(url.replace(/expires=\d+/, `expires=${nowS + 9_999}`))).toBe(403)
  expect(await statusOf('/media/')).toBe(403)
  expect(await statusOf('/media/%ff?expires=9999999999&signature=x')).toBe(403)
  expect(await statusOf('/media/..%2f..%2fetc%2fpasswd?expires=9999999999&signature=x')).toBe(403)
  expect(await statusOf(signed({ key: 'media/gone/x.mp3' }))).toBe(404)
})

async function mediaUrl(api: TestApi): Promise<string> {
  const { id } = await newBook(api)
  const { body } = await api.ask('GET', `/api/v1/admin/audiobooks/${id}`)
  return body.chapters[0].media_url
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}
