import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AudiobookCreated, AudiobookDetail, AudiobookPage, AudiobooksCreated } from '@app/contracts'
import { inTransaction, replaceAiOutput, replaceTranscript } from '@app/db'
import { testDatabase, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { announce, fileForm, finishedUpload, newBook } from '../testing/seed.ts'
import { startTestApi, type TestApi } from '../testing/test-api.ts'
import { toneWav } from '../testing/wav.ts'

const ADMIN = '/api/v1/admin'
const BOOKS = `${ADMIN}/audiobooks`

it('makes a book of one chapter with four jobs', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const upload_id = await finishedUpload(api)

  const answer = await api.ask('POST', BOOKS, { upload_id, title: 'Emma', author: 'Jane Austen' })

  expect(answer.status).toBe(201)
  expect(AudiobookCreated.parse(answer.body)).toMatchObject({
    status: 'processing',
    message: 'its one chapter is being turned into text',
    jobs_created: 4,
    total_jobs: 4,
  })
  expect(Object.keys(answer.body).toSorted()).toEqual(
    ['audiobook_id', 'jobs_created', 'message', 'status', 'total_jobs'].toSorted(),
  )
})

it('lets a book say who turns it into text, among those there are', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const book = { upload_id: await finishedUpload(api), title: 'Emma', author: 'Jane Austen' }

  const refused = await api.ask('POST', BOOKS, { ...book, transcribe_provider: 'somebody' })
  const made = await api.ask('POST', BOOKS, { ...book, transcribe_provider: 'openai' })

  expect([refused.status, made.status]).toEqual([422, 201])
  const jobs = api.db.selectFrom('processing_jobs').select('input').where('type', '=', 'transcribe')
  expect(await jobs.execute()).toMatchObject([{ input: { provider: 'openai' } }])
})

it('orders several files as they are to be heard, a job pair for each', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const files = ['10 End.wav', '2 Middle.wav', '1 Start.wav'].map((name, index) => ({
    bytes: toneWav({ hertz: 200 + index, seconds: index + 1 }),
    name,
  }))
  const upload_id = await finishedUpload(api, files)

  const created = await api.ask('POST', BOOKS, { upload_id, title: 'Emma', author: 'Jane Austen' })
  const detail = await detailOf(api, created.body.audiobook_id)

  expect(created.body.total_jobs).toBe(8)
  expect(detail.chapters).toMatchObject([
    { position: 1, title: '1 Start', start_ms: 0, end_ms: 3000, duration_ms: 3000 },
    { position: 2, title: '2 Middle', duration_ms: 2000 },
    { position: 3, title: '10 End', duration_ms: 1000 },
  ])
  expect(detail).toMatchObject({ chapter_count: 3, duration_ms: 6000, summary: null, tags: null })
})

it("takes title, author, chapters and cover from the recording's own tags", async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const upload_id = await finishedUpload(api, [{ bytes: await taggedBook(), name: 'emma.m4b' }])

  const created = await api.ask('POST', BOOKS, { upload_id })
  const detail = await detailOf(api, created.body.audiobook_id)
  const cover = await api.get(detail.cover_url ?? '')

  expect(created.body.total_jobs).toBe(6)
  expect(detail).toMatchObject({
    title: 'Emma',
    author: 'Jane Austen',
    description: 'A novel',
  })
  expect(detail.metadata).toMatchObject({ year: 1815 })
  expect(detail.chapters).toMatchObject([
    { title: 'Volume I', start_ms: 0, end_ms: 1500 },
    { title: 'Volume II', start_ms: 1500 },
  ])
  expect(cover.headers.get('content-type')).toBe('image/jpeg')
})

it('names the field that neither request nor tags give', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const upload_id = await finishedUpload(api)

  const answer = await api.ask('POST', BOOKS, { upload_id, title: 'Emma' })

  expect(answer.status).toBe(422)
  expect(answer.body.error.details).toMatchObject([{ field: 'author' }])
})

it('refuses uploads that are unknown, empty, unfinished or used before', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const make = async (upload_id: string) => {
    const { status, body } = await api.ask('POST', BOOKS, { upload_id, title: 'Emma', author: 'Jane Austen' })
    return `${status} ${body.error?.code}`
  }
  const empty = await announce(api)
  const unfinished = await announce(api, { total_files: 2 })
  await api.send(`${ADMIN}/uploads/${unfinished.upload_id}/files`, fileForm(toneWav()))
  const used = (await newBook(api)).uploadId

  expect(await make(randomUUID())).toBe('404 upload-not-found')
  expect(await make(empty.upload_id)).toBe('409 upload-empty')
  expect(await make(unfinished.upload_id)).toBe('409 upload-unfinished')
  expect(await make(used)).toBe('409 upload-already-used')
  expect(await make('not-an-id')).toBe('422 invalid-body')
})

it('makes one of two books asked of one upload at once', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const upload_id = await finishedUpload(api)
  const request = { upload_id, title: 'Emma', author: 'Jane Austen' }

  const answers = await Promise.all([1, 2, 3].map(() => api.ask('POST', BOOKS, request)))

  expect(answers.map((answer) => answer.status).toSorted()).toEqual([201, 409, 409])
  expect(await api.db.selectFrom('processing_jobs').select('id').execute()).toHaveLength(4)
})

it('answers 201 with Redis away: the jobs wait', async () => {
  await using database = await testDatabase()
  const away = { url: 'redis://127.0.0.1:1', prefix: 'away' }
  await using api = await startTestApi({ databaseUrl: database.url, redis: away })
  const upload_id = await finishedUpload(api)

  const answer = await api.ask('POST', BOOKS, { upload_id, title: 'Emma', author: 'Jane Austen' })

  expect(answer.status).toBe(201)
  const jobs = await api.db.selectFrom('processing_jobs').select(['status', 'dispatched_at']).execute()
  expect(jobs.filter((job) => job.status === 'queued')).toMatchObject([{ dispatched_at: null }])
})

it('accepts and refuses the books of a batch one by one', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const [one, two] = [await finishedUpload(api), await finishedUpload(api)]
  const book = { title: 'Emma', author: 'Jane Austen' }

  const mixed = await api.ask('POST', `${BOOKS}/batch`, [
    { upload_id: one, ...book },
    { upload_id: randomUUID(), ...book },
    { upload_id: one, ...book },
    { title: 5 },
  ])
  const good = await api.ask('POST', `${BOOKS}/batch`, [{ upload_id: two, ...book }])

  expect(mixed.status).toBe(207)
  expect(AudiobooksCreated.parse(mixed.body).results).toMatchObject([
    { index: 0, total_jobs: 4 },
    { index: 1, error: { code: 'upload-not-found' } },
    { index: 2, error: { code: 'upload-already-used' } },
    { index: 3, error: { code: 'invalid-body', details: [{ field: 'upload_id' }, { field: 'title' }] } },
  ])
  expect(good.status).toBe(201)
  expect(await api.ask('POST', `${BOOKS}/batch`, [])).toMatchObject({ status: 422 })
})

it('lists books page by page, by status, and by part of the title whatever is in it', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const titles = ['Emma', '100% Persuasion', 'Lady_Susan']
  for (const title of titles) await newBook(api, { title })
  await api.db.updateTable('audiobooks').set({ status: 'completed' }).where('title', '=', 'Emma').execute()
  const found = async (query: string) => {
    const page = AudiobookPage.parse((await api.ask('GET', `${BOOKS}?${query}`)).body)
    return [page.total, ...page.audiobooks.map((book) => book.title)]
  }

  expect(await found('page_size=2')).toEqual([3, 'Lady_Susan', '100% Persuasion'])
  expect(await found('page_size=2&page=2')).toEqual([3, 'Emma'])
  expect(await found('status=completed')).toEqual([1, 'Emma'])
  expect(await found('search=PERS')).toEqual([1, '100% Persuasion'])
  expect(await found('search=%25')).toEqual([1, '100% Persuasion'])
  expect(await found('search=y_s')).toEqual([1, 'Lady_Susan'])
  const bad = await api.ask('GET', `${BOOKS}?page=0&status=odd`)
  expect(bad).toMatchObject({ status: 422, body: { error: { code: 'invalid-query' } } })
})

it('shows a book with its text and who wrote it, and signed addresses that play', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api)
  const before = await detailOf(api, id)
  const chapterId = before.chapters[0]?.id ?? ''
  const origin = { provider: 'local', model: 'm' }
  await inTransaction(api.db, async (trx) => {
    await replaceTranscript(trx, chapterId, { ...origin, language: 'en', durationMs: 1000, segments: [] })
    const subject = { subjectKind: 'audiobook', subjectId: id, origin: { ...origin, promptVersion: '1' } }
    await replaceAiOutput(trx, { ...subject, kind: 'summary', content: { text: 'Short.' } })
    await replaceAiOutput(trx, { ...subject, kind: 'tags', content: { tags: ['novel'] } })
  })

  const after = await detailOf(api, id)
  const media = await api.get(after.chapters[0]?.media_url ?? '')

  expect(before.chapters[0]).toMatchObject({ transcript: null, transcript_url: null })
  expect(after.summary).toEqual({ ...origin, text: 'Short.' })
  expect(after.tags).toEqual({ ...origin, tags: ['novel'] })
  expect(after.chapters[0]?.transcript).toEqual({ ...origin, language: 'en', word_count: 0 })
  expect(after.chapters[0]?.transcript_url).toMatch(`${ADMIN}/chapters/${chapterId}/transcript`)
  expect(Buffer.from(await media.arrayBuffer()).equals(toneWav({ hertz: 200 }))).toBe(true)
})

it('changes what is named and nothing else', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api)

  const changed = await api.ask('PUT', `${BOOKS}/${id}`, { title: 'Emma, again', language: null })

  expect(changed.status).toBe(200)
  expect(AudiobookDetail.parse(changed.body)).toMatchObject({
    title: 'Emma, again',
    author: 'Jane Austen',
    language: null,
  })
  expect(await api.ask('PUT', `${BOOKS}/${id}`, {})).toMatchObject({ status: 422 })
  expect(await api.ask('PUT', `${BOOKS}/${id}`, { title: 'a\u0000b' })).toMatchObject({ status: 422 })
  expect(await api.ask('PUT', `${BOOKS}/${randomUUID()}`, { title: 'x' })).toMatchObject({ status: 404 })
})

it('lets a book’s new language hold for what is yet to be transcribed, and for nothing else', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const [{ id }, other] = [await newBook(api, { chapters: 4 }), await newBook(api)]
  const jobs = await api.db
    .selectFrom('processing_jobs')
    .select(['id', 'type', 'subject_id'])
    .where('type', '=', 'transcribe')
    .orderBy('subject_id')
    .execute()
  const mine = jobs.filter(({ subject_id }) => subject_id === id).map((job) => job.id)
  const [failed = '', running = '', completed = '', queued = ''] = mine
  for (const [jobId, status] of [
    [failed, 'failed'],
    [running, 'running'],
    [completed, 'completed'],
  ] as const) {
    await api.db.updateTable('processing_jobs').set({ status }).where('id', '=', jobId).execute()
  }
  for (const job_id of mine) {
    const step = { job_id, key: 'asked', value: JSON.stringify('in English'), fence: 0 }
    await api.db.insertInto('job_steps').values(step).execute()
  }
  const languages = async () =>
    Object.fromEntries(
      (await api.db.selectFrom('processing_jobs').select(['id', 'input']).execute()).map((job) => [
        job.id,
        (job.input as { language?: string }).language,
      ]),
    )
  const steps = async () =>
    (await api.db.selectFrom('job_steps').select('job_id').execute()).map(({ job_id }) => job_id)

  await api.ask('PUT', `${BOOKS}/${id}`, { title: 'Emma, auf Deutsch', language: 'de' })
  const german = await languages()
  const kept = await steps()
  await api.ask('PUT', `${BOOKS}/${id}`, { language: null })
  const unnamed = await languages()

  expect([failed, queued, running, completed].map((job) => german[job])).toEqual(['de', 'de', 'en', 'en'])
  expect(kept.toSorted()).toEqual([running, completed].toSorted())
  expect([failed, queued, running].map((job) => unnamed[job])).toEqual([undefined, undefined, 'en'])
  const others = jobs.filter(({ subject_id }) => subject_id === other.id).map((job) => german[job.id])
  expect(others).toEqual(['en'])
})

it('removes a book with its jobs, its upload and all that is stored', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id, uploadId } = await newBook(api, { chapters: 2 })

  const inUse = await api.ask('DELETE', `${ADMIN}/uploads/${uploadId}`)
  const removed = await api.ask('DELETE', `${BOOKS}/${id}`)

  expect(inUse).toMatchObject({ status: 409, body: { error: { code: 'upload-in-use' } } })
  expect(removed.status).toBe(204)
  expect(await api.storedFiles()).toEqual([])
  expect(await rowsLeft(api)).toEqual({})
  expect((await api.ask('GET', `${BOOKS}/${id}`)).status).toBe(404)
  expect((await api.ask('DELETE', `${BOOKS}/${id}`)).status).toBe(404)
})

it('keeps what a finished book plays when its upload is removed', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id, uploadId } = await newBook(api)
  await api.db.updateTable('audiobooks').set({ status: 'completed' }).execute()

  const removed = await api.ask('DELETE', `${ADMIN}/uploads/${uploadId}`)
  const detail = await detailOf(api, id)
  const media = await api.get(detail.chapters[0]?.media_url ?? '')
  await api.ask('DELETE', `${BOOKS}/${id}`)

  expect(removed.status).toBe(204)
  expect(media.status).toBe(200)
  expect(await api.storedFiles()).toEqual([])
})

async function detailOf(api: TestApi, id: string) {
  const { status, body } = await api.ask('GET', `${BOOKS}/${id}`)
  expect(status).toBe(200)
  return AudiobookDetail.parse(body)
}

async function rowsLeft(api: TestApi): Promise<Record<string, number>> {
  const tables = ['uploads', 'upload_files', 'media', 'audiobooks', 'chapters', 'processing_jobs'] as const
  const left: Record<string, number> = {}
  for (const table of [...tables, 'storage_deletions' as const]) {
    const rows = await api.db.selectFrom(table).selectAll().execute()
    if (rows.length > 0) left[table] = rows.length
  }
  return left
}

/** Three seconds of tone with tags, two chapters and a picture, as audiobook tools write them. */
async function taggedBook(): Promise<Buffer<ArrayBuffer>> {
  const directory = mkdtempSync(join(tmpdir(), 'api-book-'))
  try {
    const [about, out] = [join(directory, 'about.txt'), join(directory, 'book.m4b')]
    const chapter = (start: number, end: number, title: string) =>
      `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start}\nEND=${end}\ntitle=${title}\n`
    const tags = 'album=Emma\nartist=Jane Austen\ndate=1815\ndescription=A novel\n'
    writeFileSync(
      about,
      `;FFMETADATA1\n${tags}${chapter(0, 1500, 'Volume I')}${chapter(1500, 3000, 'Volume II')}`,
    )
    const sound = [
      '-f',
      'lavfi',
      '-i',
      'sine=d=3:r=16000',
      '-i',
      about,
      '-f',
      'lavfi',
      '-i',
      'color=s=32x32:d=1',
    ]
    const map = ['-map', '0:a', '-map', '2:v', '-frames:v', '1', '-map_metadata', '1', '-map_chapters', '1']
    const codecs = ['-c:a', 'aac', '-c:v', 'mjpeg', '-disposition:v:0', 'attached_pic']
    const format = ['-f', 'mp4', out]
    await promisify(execFile)('ffmpeg', ['-v', 'error', ...sound, ...map, ...codecs, ...format])
    return Buffer.from(await readFile(out))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
