import { randomUUID } from 'node:crypto'
import { revaiTag, submittedStep } from '@app/providers'
import { seedAudiobook, testDatabase, testRedis } from '@app/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REVAI_TOKEN, startTestApi, type TestApi } from '../testing/test-api.ts'

const TOLD = { authorization: `Bearer ${REVAI_TOKEN}` }
const REMOTE = 'Umx5c6F7pH7r'

let api: TestApi
let database: Awaited<ReturnType<typeof testDatabase>>

beforeAll(async () => {
  database = await testDatabase()
  api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** A transcribe job that has submitted its sound and was put off for an hour, by this code. */
async function submittedJob(code = 'transcript-pending'): Promise<string> {
  const id = (await seedAudiobook(api.db, 1)).job('transcribe 1')
  await api.db
    .updateTable('processing_jobs')
    .set({ error_code: code, run_at: sql<Date>`now() + interval '1 hour'`, snoozes: 1 })
    .where('id', '=', id)
    .execute()
  const value = JSON.stringify({
    remoteId: REMOTE,
    submittedAt: '2026-11-21T10:00:00.000Z',
    durationMs: 60_000,
  })
  await api.db
    .insertInto('job_steps')
    .values({ job_id: id, key: submittedStep(1), value, fence: 0 })
    .execute()
  return id
}

async function isDue(id: string): Promise<boolean> {
  const row = await api.db
    .selectFrom('processing_jobs')
    .select(sql<boolean>`run_at <= now()`.as('due'))
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return row.due
}

const notify = (job: object, headers: Record<string, string> = TOLD) =>
  api.ask('POST', '/webhooks/revai', { job }, headers)

const ended = (jobId: string, id = REMOTE) => ({
  ...{ id, status: 'transcribed', type: 'async', created_on: '2026-11-21T10:00:00Z' },
  metadata: revaiTag({ jobId, number: 1 }),
})

describe('POST /webhooks/revai', () => {
  it('lets the job come that waits for its transcript, however often it is told', async () => {
    const id = await submittedJob()

    expect((await notify(ended(id))).status).toBe(200)

    expect(await isDue(id)).toBe(true)
    expect((await notify(ended(id))).status).toBe(200)
  })

  it.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer what Rev.ai was not told' }],
    ['the token without its scheme', { authorization: REVAI_TOKEN }],
  ])('refuses %s with 401, and wakes nobody', async (_, headers) => {
    const id = await submittedJob()

    const { status, body } = await notify(ended(id), headers)

    expect({ status, code: body.error.code }).toEqual({ status: 401, code: 'token-invalid' })
    expect(await isDue(id)).toBe(false)
  })

  it.each([
    ['a job that is none of ours', () => ended(randomUUID())],
    ['metadata that are not ours', () => ({ ...ended(randomUUID()), metadata: 'sample metadata' })],
    ['no metadata', () => ({ id: REMOTE })],
  ])('refuses %s with 404', async (_, job) => {
    expect((await notify(job())).status).toBe(404)
  })

  it('refuses a remote job that ours has not submitted', async () => {
    const id = await submittedJob()

    expect((await notify(ended(id, 'anotherJob'))).status).toBe(404)

    expect(await isDue(id)).toBe(false)
  })

  it('leaves a job alone that waits for something else', async () => {
    const id = await submittedJob('rate-limited')

    expect((await notify(ended(id))).status).toBe(200)

    expect(await isDue(id)).toBe(false)
  })

  it.each([
    ['nonsense', 'not JSON', 400],
    ['a body of another shape', { jobs: [] }, 422],
  ])('refuses %s', async (_, body, status) => {
    expect((await api.ask('POST', '/webhooks/revai', body, TOLD)).status).toBe(status)
  })
})
