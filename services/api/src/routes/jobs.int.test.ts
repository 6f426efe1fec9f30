import { randomUUID } from 'node:crypto'
import { AudiobookJobs, JobStatusSet } from '@app/contracts'
import { testDatabase, testRedis } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { newBook } from '../testing/seed.ts'
import { startTestApi, type TestApi } from '../testing/test-api.ts'
import { serviceToken } from '../testing/tokens.ts'
import { spoken } from '../testing/transcripts.ts'

const ADMIN = '/api/v1/admin'

it('lists the jobs of a book with what they are about and the sum of it', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api, { chapters: 2 })

  const jobs = await jobsOf(api, id)

  expect(jobs).toMatchObject({
    audiobook_id: id,
    overall_status: 'processing',
    progress: 0,
    total_jobs: 6,
    completed_jobs: 0,
    failed_jobs: 0,
  })
  expect(jobs.jobs.map((job) => [job.job_type, job.status, job.chapter?.position, job.attempt])).toEqual([
    ['transcribe', 'queued', 1, 1],
    ['summarize', 'pending', 1, 1],
    ['tag', 'pending', 1, 1],
    ['embed', 'pending', 1, 1],
    ['transcribe', 'queued', 2, 1],
    ['embed', 'pending', 2, 1],
  ])
})

it('sums a book up from its jobs: a quarter for one of four done', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api)
  const set = (type: string, values: object) =>
    api.db.updateTable('processing_jobs').set(values).where('type', '=', type).execute()

  for (const type of ['summarize', 'tag', 'embed']) await set(type, { status: 'queued' })
  await set('transcribe', { status: 'completed', output: JSON.stringify({ provider: 'pocketsphinx' }) })
  const quarter = await jobsOf(api, id)
  await set('tag', { status: 'failed', attempts: 3, error_message: 'no words' })
  await set('embed', { status: 'running', progress: 0.1 })
  const running = await jobsOf(api, id)
  await set('embed', { status: 'completed' })
  await set('summarize', { status: 'completed' })
  const failed = await jobsOf(api, id)

  expect(quarter).toMatchObject({ progress: 0.25, completed_jobs: 1, overall_status: 'processing' })
  expect(quarter.jobs[0]).toMatchObject({ provider: 'pocketsphinx', progress: 1 })
  expect(running).toMatchObject({ progress: 0.275, failed_jobs: 1, overall_status: 'processing' })
  expect(failed).toMatchObject({ overall_status: 'failed', completed_jobs: 3, failed_jobs: 1 })
  expect(failed.jobs.find((job) => job.job_type === 'tag')).toMatchObject({
    error_message: 'no words',
    attempt: 3,
  })
})

it("rolls the progress of a job's children up into it, and neither lists nor counts them", async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api)
  const whole = await jobIdOf(api, id, 'transcribe')
  const set = (jobId: string, values: object) =>
    api.db.updateTable('processing_jobs').set(values).where('id', '=', jobId).execute()
  const child = async (parentId: string, { status, progress = 0 }: { status: string; progress?: number }) => {
    const { rows } = await sql<{ id: string }>`
      insert into processing_jobs (parent_id, subject_kind, subject_id, owner_id, type, version, queue, input,
        max_attempts, status, progress)
      select id, subject_kind, subject_id, owner_id, type, version, queue, input, max_attempts, ${status}, ${progress}
      from processing_jobs where id = ${parentId} returning id`.execute(api.db)
    return rows[0]?.id ?? ''
  }
  const progress = async () => (await jobsOf(api, id)).jobs[0]?.progress

  await child(whole, { status: 'completed' })
  const half = await child(whole, { status: 'running', progress: 0.5 })
  const split = await child(whole, { status: 'queued' })
  await set(whole, { status: 'waiting', progress: 0.9 })
  expect(await progress()).toBe(0.5)
  // A child that is split in four is no more of the whole than its siblings.
  for (const part of [1, 0.5, 0.5, 0]) await child(split, { status: 'running', progress: part })
  await set(split, { status: 'waiting', progress: 1 })
  expect(await progress()).toBe(0.6667)
  await set(half, { status: 'failed' })
  await set(whole, { status: 'failed' })

  const jobs = await jobsOf(api, id)

  expect(jobs).toMatchObject({ total_jobs: 4, completed_jobs: 0, failed_jobs: 1, progress: 0.1667 })
  expect(jobs).toMatchObject({ overall_status: 'processing' })
  expect(jobs.jobs).toHaveLength(4)
  await set(whole, { status: 'completed' })
  expect(await progress()).toBe(1)
})

it('takes an outside worker through claim, progress and result, with its fence as proof', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api)
  const jobId = await jobIdOf(api, id, 'transcribe')
  const say = await worker(api, jobId)

  const claimed = await say({ status: 'running' })
  const { fence } = JobStatusSet.parse(claimed.body)
  const twice = await say({ status: 'running' })
  const wrongFence = await say({ status: 'running', fence: fence + 1, progress: 0.9 })
  const noFence = await say({ status: 'running', fence: 2 ** 31, progress: 0.9 })
  const progressed = await say({ status: 'running', fence, progress: 0.5 })
  const midway = await jobsOf(api, id)
  const done = await say({ status: 'completed', fence, output: spoken(['call me ishmael']) })
  const late = await say({ status: 'running', fence, progress: 0.9 })

  expect(claimed).toMatchObject({ status: 200, body: { job_id: jobId, status: 'running' } })
  expect(twice).toMatchObject({ status: 409, body: { error: { code: 'job-wrong-state' } } })
  expect(wrongFence).toMatchObject({ status: 409, body: { error: { code: 'job-fence-lost' } } })
  expect(noFence).toMatchObject({ status: 422, body: { error: { details: [{ field: 'fence' }] } } })
  expect(progressed.status).toBe(200)
  expect(midway.progress).toBe(0.125)
  expect(done).toMatchObject({ status: 200, body: { status: 'queued' } })
  expect(late).toMatchObject({ status: 409, body: { error: { code: 'job-fence-lost' } } })
  const row = await api.db
    .selectFrom('processing_jobs')
    .select('submitted_result')
    .where('id', '=', jobId)
    .executeTakeFirstOrThrow()
  expect(row.submitted_result).toEqual(spoken(['call me ishmael']))
})

it('says field by field what is wrong with an outside result, and keeps the job', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api)
  const jobId = await jobIdOf(api, id, 'transcribe')
  const say = await worker(api, jobId)
  const { fence } = (await say({ status: 'running' })).body
  const backwards = { startMs: 900, endMs: 800, text: 'a' }
  const outputs = [
    { ...spoken(['a b']), language: 5, segments: [{ startMs: -1 }] },
    { ...spoken(['a b']), segments: [{ ...backwards, words: [backwards] }] },
  ]
  const faults = []
  for (const output of outputs) {
    const { status, body } = await say({ status: 'completed', fence, output })
    faults.push({ status, fields: body.error.details.map((detail: { field: string }) => detail.field) })
  }

  expect(faults[0]?.fields).toEqual(expect.arrayContaining(['output.language', 'output.segments.0.startMs']))
  expect(faults[1]?.fields).toEqual(['output.segments.0.words.0.endMs', 'output.segments.0.endMs'])
  expect(faults.map(({ status }) => status)).toEqual([422, 422])
  expect((await say({ status: 'running', fence, progress: 0.2 })).status).toBe(200)
})

it('counts a failure of an outside worker as an attempt', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api)
  const say = await worker(api, await jobIdOf(api, id, 'transcribe'))
  const { fence } = (await say({ status: 'running' })).body

  const answer = await say({ status: 'failed', fence, error_message: 'out of memory' })

  expect(answer).toMatchObject({ status: 200, body: { status: 'queued' } })
  expect((await jobsOf(api, id)).jobs[0]).toMatchObject({ attempt: 2, error_message: 'out of memory' })
})

it.each([
  ['a status of ours', { status: 'queued' }, 'status'],
  ['an end without a fence', { status: 'completed', output: {} }, 'fence'],
  ['progress beyond the end', { status: 'running', fence: 1, progress: 2 }, 'progress'],
])('refuses %s', async (_, body, field) => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const say = await worker(api, randomUUID())

  const answer = await say(body)

  expect(answer).toMatchObject({ status: 422, body: { error: { details: [{ field }] } } })
})

it('cancels what has not ended, and gives what ended badly a new life', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api)
  const jobId = await jobIdOf(api, id, 'transcribe')
  const move = async (what: string) => {
    const { status, body } = await api.ask('POST', `${ADMIN}/jobs/${jobId}/${what}`)
    return `${status} ${body.status ?? body.error.code}`
  }

  expect(await move('retry')).toBe('409 job-wrong-state')
  expect(await move('cancel')).toBe('200 cancelled')
  expect(await move('cancel')).toBe('409 job-wrong-state')
  expect((await jobsOf(api, id)).overall_status).toBe('failed')
  expect(await move('retry')).toBe('200 queued')
  expect((await jobsOf(api, id)).overall_status).toBe('processing')
})

it('knows no jobs of unknown books, and no unknown jobs', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const say = await worker(api, randomUUID())
  const codeOf = async (answer: Promise<{ status: number; body: { error: { code: string } } }>) =>
    `${(await answer).status} ${(await answer).body.error.code}`
  const path = `${ADMIN}/jobs/${randomUUID()}`

  expect(await codeOf(api.ask('GET', `${ADMIN}/audiobooks/${randomUUID()}/jobs`))).toBe(
    '404 audiobook-not-found',
  )
  expect(await codeOf(api.ask('POST', `${path}/retry`))).toBe('404 job-not-found')
  expect(await codeOf(api.ask('POST', `${path}/cancel`))).toBe('404 job-not-found')
  expect(await codeOf(say({ status: 'running' }))).toBe('404 job-not-found')
  expect(await codeOf(say({ status: 'completed', fence: 1, output: {} }))).toBe('404 job-not-found')
})

async function jobsOf(api: TestApi, id: string) {
  const { status, body } = await api.ask('GET', `${ADMIN}/audiobooks/${id}/jobs`)
  expect(status).toBe(200)
  return AudiobookJobs.parse(body)
}

async function jobIdOf(api: TestApi, bookId: string, type: string): Promise<string> {
  return (await jobsOf(api, bookId)).jobs.find((job) => job.job_type === type)?.id ?? ''
}

/** Someone outside our services with a service token, at one job. */
async function worker(api: TestApi, jobId: string) {
  const headers = { authorization: `Bearer ${await serviceToken()}` }
  return (body: object) => api.ask('POST', `${ADMIN}/jobs/${jobId}/status`, body, headers)
}
