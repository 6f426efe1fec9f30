import { randomUUID } from 'node:crypto'
import { FileReceived, UploadDetail, UploadProgress } from '@app/contracts'
import { testDatabase, testRedis } from '@app/testkit'
import { expect, it, vi } from 'vitest'
import { announce, fileForm } from '../testing/seed.ts'
import { startTestApi, type TestApi } from '../testing/test-api.ts'
import { toneWav } from '../testing/wav.ts'

const UPLOADS = '/api/v1/admin/uploads'

it('takes an announced recording in, file by file, and says how much has come', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const [one, two] = [toneWav({ hertz: 200 }), toneWav({ hertz: 300 })]

  const created = await announce(api, { total_files: 2, total_size_bytes: one.length + two.length })
  const id = created.upload_id
  const before = await progressOf(api, id)
  const first = await api.send(`${UPLOADS}/${id}/files`, fileForm(one, 'one.wav', { title: 'The first' }))
  const between = await progressOf(api, id)
  await api.send(`${UPLOADS}/${id}/files`, fileForm(two, 'two.wav', { position: '7' }))
  const after = await progressOf(api, id)

  expect(before).toMatchObject({ status: 'pending', received_files: 0, percent: 0 })
  expect(first.status).toBe(201)
  expect(FileReceived.parse(first.body)).toMatchObject({
    upload_id: id,
    file_name: 'one.wav',
    file_size_bytes: one.length,
  })
  expect(between).toMatchObject({ status: 'receiving', received_files: 1, percent: 50 })
  expect(after).toMatchObject({ status: 'completed', received_files: 2, percent: 100 })
  const detail = UploadDetail.parse((await api.ask('GET', `${UPLOADS}/${id}`)).body)
  expect(detail.files).toMatchObject([
    { file_name: 'one.wav', title: 'The first', position: null, duration_ms: 1000 },
    { file_name: 'two.wav', title: null, position: 7 },
  ])
  expect(await api.spooledFiles()).toEqual([])
  expect(await marks(api)).toBe(0)
})

it('takes fields that stand behind the file', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { upload_id } = await announce(api)
  const body = new FormData()
  body.append('file', new Blob([toneWav()]), 'a.wav')
  body.append('position', '3')
  body.append('title', ' Last ')

  const answer = await api.send(`${UPLOADS}/${upload_id}/files`, body)

  expect(answer.status).toBe(201)
  const { body: detail } = await api.ask('GET', `${UPLOADS}/${upload_id}`)
  expect(detail.files).toMatchObject([{ position: 3, title: 'Last' }])
})

it.each([
  [{ upload_type: 'many', total_files: 0 }, ['upload_type', 'total_files', 'total_size_bytes']],
  [{ upload_type: 'single', total_files: 2, total_size_bytes: 5 }, ['total_files']],
  [[], ['(body)']],
])('says field by field what is wrong with %j', async (body, fields) => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

  const answer = await api.ask('POST', UPLOADS, body)

  expect(answer.status).toBe(422)
  expect(answer.body.error).toMatchObject({ code: 'invalid-body' })
  expect(answer.body.error.details.map((detail: { field: string }) => detail.field)).toEqual(fields)
})

it('tells malformed JSON, the wrong content and too much of it apart', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const headers = { authorization: `Bearer ${api.token}` }

  const malformed = await api.ask('POST', UPLOADS, '{"upload_type":')
  const text = await api.ask('POST', UPLOADS, '{}', { ...headers, 'content-type': 'text/plain' })
  const large = await api.ask('POST', UPLOADS, { upload_type: 'x'.repeat(1_100_000) })

  expect(malformed).toMatchObject({ status: 400, body: { error: { code: 'malformed-json' } } })
  expect(text).toMatchObject({ status: 415, body: { error: { code: 'unsupported-media-type' } } })
  expect(large).toMatchObject({ status: 413, body: { error: { code: 'body-too-large' } } })
})

it.each([
  ['GET', `${UPLOADS}/${randomUUID()}`],
  ['GET', `${UPLOADS}/${randomUUID()}/progress`],
  ['GET', `${UPLOADS}/not-an-id`],
  ['DELETE', `${UPLOADS}/${randomUUID()}`],
  ['POST', `${UPLOADS}/${randomUUID()}/files`],
])('knows no upload at %s %s', async (method, path) => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

  const answer = await api.ask(method, path, method === 'POST' ? {} : undefined)

  expect(answer).toMatchObject({ status: 404, body: { error: { code: 'upload-not-found' } } })
})

it.each([
  ['an empty file', Buffer.alloc(0), 422, 'media-empty'],
  ['text', Buffer.from('plain words, no sound at all'), 415, 'media-unreadable'],
  ['a page', Buffer.from('<!doctype html><html><body>Sign in</body></html>'), 415, 'media-unreadable'],
  ['a playlist', Buffer.from('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'), 415, 'media-playlist'],
  ['a recording without a sample', toneWav({ seconds: 0 }), 422, 'media-too-short'],
])('refuses %s, says what it found, and keeps nothing', async (_, bytes, status, code) => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { upload_id } = await announce(api)

  const answer = await api.send(`${UPLOADS}/${upload_id}/files`, fileForm(bytes, 'book.mp3'))

  expect(answer).toMatchObject({ status, body: { error: { code } } })
  expect(answer.body.error.message).toMatch(/Found|no bytes/)
  expect(await progressOf(api, upload_id)).toMatchObject({ status: 'pending', received_bytes: 0 })
  expect(await everything(api)).toEqual({ rows: 0, stored: [], spooled: [], marks: 0 })
})

it.each([
  ['no file', (body: FormData) => body.append('title', 'x'), 'file'],
  ['two files', (body: FormData) => body.append('file', new Blob([toneWav()]), 'b.wav'), 'file'],
  ['a file by another name', (body: FormData) => body.append('sound', new Blob(['x']), 'b.wav'), 'sound'],
  ['a position that is no number', (body: FormData) => body.append('position', 'first'), 'position'],
])('refuses a form with %s', async (name, change, field) => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { upload_id } = await announce(api)
  const body = new FormData()
  if (name !== 'no file') body.append('file', new Blob([toneWav()]), 'a.wav')
  change(body)

  const answer = await api.send(`${UPLOADS}/${upload_id}/files`, body)

  expect(answer).toMatchObject({
    status: 422,
    body: { error: { code: 'invalid-body', details: [{ field }] } },
  })
  expect(await everything(api)).toEqual({ rows: 0, stored: [], spooled: [], marks: 0 })
})

it.each([
  ['application/json', 415, 'unsupported-media-type'],
  ['multipart/form-data', 400, 'malformed-multipart'],
  ['multipart/form-data; boundary=other', 400, 'malformed-multipart'],
])('refuses a form sent as %s', async (contentType, status, code) => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { upload_id } = await announce(api)

  const response = await api.app.request(`${UPLOADS}/${upload_id}/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.token}`, 'content-type': contentType },
    body: '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
  })

  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ error: { code } })
  expect(await api.spooledFiles()).toEqual([])
})

it('refuses more bytes than were announced, and more than a file may have', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({
    databaseUrl: database.url,
    redis: testRedis(),
    maxFileBytes: 10_000,
  })
  const small = await announce(api, { total_size_bytes: 1_000 })
  const large = await announce(api)

  const overAnnounced = await api.send(`${UPLOADS}/${small.upload_id}/files`, fileForm(toneWav()))
  const overLimit = await api.send(`${UPLOADS}/${large.upload_id}/files`, fileForm(toneWav()))

  expect(overAnnounced).toMatchObject({ status: 413, body: { error: { code: 'upload-too-large' } } })
  expect(overLimit).toMatchObject({ status: 413, body: { error: { code: 'file-too-large' } } })
  expect(await everything(api)).toEqual({ rows: 0, stored: [], spooled: [], marks: 0 })
})

it('refuses a file for an upload that has all of its own', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { upload_id } = await announce(api)
  await api.send(`${UPLOADS}/${upload_id}/files`, fileForm(toneWav({ hertz: 200 })))

  const answer = await api.send(`${UPLOADS}/${upload_id}/files`, fileForm(toneWav({ hertz: 300 })))

  expect(answer).toMatchObject({ status: 409, body: { error: { code: 'upload-completed' } } })
  expect(await api.storedFiles()).toHaveLength(1)
})

it('lets one of two files at one position in, and only as many as were announced of those sent at once', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const places = await announce(api, { total_files: 3 })
  const crowd = await announce(api, { total_files: 2 })
  const samePlace = [200, 300].map((hertz) => fileForm(toneWav({ hertz }), 'a.wav', { position: '1' }))
  const many = [400, 500, 600, 700].map((hertz) => fileForm(toneWav({ hertz })))

  const atOnePlace = await Promise.all(
    samePlace.map((file) => api.send(`${UPLOADS}/${places.upload_id}/files`, file)),
  )
  const crowded = await Promise.all(many.map((file) => api.send(`${UPLOADS}/${crowd.upload_id}/files`, file)))

  expect(atOnePlace.map((answer) => answer.status).toSorted()).toEqual([201, 409])
  expect(atOnePlace.find((answer) => answer.status === 409)?.body.error.code).toBe('position-taken')
  expect(crowded.map((answer) => answer.status).toSorted()).toEqual([201, 201, 409, 409])
  expect(await progressOf(api, crowd.upload_id)).toMatchObject({ status: 'completed', received_files: 2 })
  await api.sweep()
  expect(await api.storedFiles()).toHaveLength(3)
  expect(await marks(api)).toBe(0)
})

it('stores the same content once, and removes it with the last upload that has it', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const [one, two] = [await announce(api), await announce(api)]
  await api.send(`${UPLOADS}/${one.upload_id}/files`, fileForm(toneWav()))
  await api.send(`${UPLOADS}/${two.upload_id}/files`, fileForm(toneWav()))

  const stored = await api.storedFiles()
  const first = await api.ask('DELETE', `${UPLOADS}/${one.upload_id}`)
  const between = await api.storedFiles()
  const second = await api.ask('DELETE', `${UPLOADS}/${two.upload_id}`)

  expect([first.status, second.status]).toEqual([204, 204])
  expect(stored).toHaveLength(1)
  expect(between).toEqual(stored)
  expect(await everything(api)).toEqual({ rows: 0, stored: [], spooled: [], marks: 0 })
})

it('keeps nothing of a file whose upload is removed while it arrives', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { upload_id } = await announce(api)
  const body = new Response(fileForm(toneWav()))
  const bytes = Buffer.from(await body.arrayBuffer())
  const half = Promise.withResolvers<void>()
  async function* slowly() {
    yield bytes.subarray(0, 8_000)
    await half.promise
    yield bytes.subarray(8_000)
  }
  const sending = api.app.request(`${UPLOADS}/${upload_id}/files`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${api.token}`,
      'content-type': body.headers.get('content-type') ?? '',
    },
    body: ReadableStream.from(slowly()),
    duplex: 'half',
  } as RequestInit)
  await vi.waitFor(async () => expect(await api.spooledFiles()).toHaveLength(1), 10_000)

  const removed = await api.ask('DELETE', `${UPLOADS}/${upload_id}`)
  half.resolve()
  const answer = await sending
  await api.sweep()

  expect(removed.status).toBe(204)
  expect(answer.status).toBe(404)
  expect(await everything(api)).toEqual({ rows: 0, stored: [], spooled: [], marks: 0 })
})

it('shows a name that would be a path or break Postgres as a harmless one', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { upload_id } = await announce(api)

  const answer = await api.send(
    `${UPLOADS}/${upload_id}/files`,
    fileForm(toneWav(), '../../etc/pa\u0000ss wd.wav'),
  )

  expect(answer.status).toBe(201)
  expect(answer.body.file_name).toBe('pass wd.wav')
})

async function progressOf(api: TestApi, id: string) {
  return UploadProgress.parse((await api.ask('GET', `${UPLOADS}/${id}/progress`)).body)
}

async function marks(api: TestApi): Promise<number> {
  return (await api.db.selectFrom('storage_deletions').select('object_key').execute()).length
}

/** All that an upload may leave behind. */
async function everything(api: TestApi) {
  const files = await api.db.selectFrom('upload_files').select('id').execute()
  const media = await api.db.selectFrom('media').select('id').execute()
  return {
    rows: files.length + media.length,
    stored: await api.storedFiles(),
    spooled: await api.spooledFiles(),
    marks: await marks(api),
  }
}
