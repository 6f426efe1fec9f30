import { randomUUID } from 'node:crypto'
import { inTransaction } from '@app/db'
import { redriveJob } from '@app/jobs'
import { testDatabase, testRedis } from '@app/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApi, type TestApi } from '../testing/test-api.ts'
import { userToken } from '../testing/tokens.ts'
import { callbackWebhook } from '../webhooks/callback-webhook.ts'

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

const URL = 'https://hooks.example.org/clips'
const wanted = { url: URL, events: ['job.completed', 'job.failed'] }
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/

/** Somebody with nothing yet. */
async function newOwner() {
  const userId = randomUUID()
  const headers = { authorization: `Bearer ${await userToken({ userId })}` }
  return {
    userId,
    ask: (method: string, path: string, body?: unknown) => api.ask(method, path, body, headers),
  }
}
type Owner = Awaited<ReturnType<typeof newOwner>>

const register = async (owner: Owner, body: object = wanted) =>
  (await owner.ask('POST', '/webhooks', body)).body

const jobsAbout = (deliveryId: string) =>
  api.db
    .selectFrom('processing_jobs')
    .select(['id', 'type', 'status', 'input', 'run_at', 'started_at'])
    .where('subject_id', '=', deliveryId)
    .execute()

/** How many transactions wait for others. */
async function waitingForLocks(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(api.db)
  return rows[0]?.count ?? 0
}

describe('a webhook', () => {
  it('is registered, read, changed and removed by its owner', async () => {
    const owner = await newOwner()

    const made = await owner.ask('POST', '/webhooks', { ...wanted, description: 'ours' })
    const { id, secret } = made.body
    const changed = await owner.ask('PUT', `/webhooks/${id}`, { url: `${URL}/2`, events: ['job.progressed'] })
    const listed = await owner.ask('GET', '/webhooks')
    const known = await owner.ask('GET', `/webhooks/${id}/secret`)
    const removed = await owner.ask('DELETE', `/webhooks/${id}`)

    expect(made).toMatchObject({
      status: 201,
      body: { origin: 'registered', ...wanted, description: 'ours' },
    })
    expect(made.headers.get('location')).toBe(`/webhooks/${id}`)
    expect(secret).toMatch(SECRET)
    expect(changed).toMatchObject({ status: 200, body: { id, url: `${URL}/2`, description: null } })
    expect(listed.body).toMatchObject({ total: 1, webhooks: [changed.body] })
    expect(JSON.stringify(listed.body)).not.toContain(secret)
    expect(known.body).toEqual({ secret, previous_secret_until: null })
    expect(removed.status).toBe(204)
    expect(await owner.ask('GET', `/webhooks/${id}`)).toMatchObject({
      ...{ status: 404, body: { error: { code: 'webhook-not-found' } } },
    })
  })

  it('is nobody else’s, also not an admin’s', async () => {
    const { id } = await register(await newOwner())
    const stranger = await newOwner()
    const calls = [
      ...['GET', 'DELETE'].map((method) => [method, `/webhooks/${id}`] as const),
      ...['rotate-secret', 'test', 'enable'].map((act) => ['POST', `/webhooks/${id}/${act}`] as const),
      ...['secret', 'deliveries'].map((part) => ['GET', `/webhooks/${id}/${part}`] as const),
    ]

    for (const [method, path] of calls) {
      expect((await stranger.ask(method, path)).status).toBe(404)
      expect((await api.ask(method, path)).status).toBe(404)
    }
    expect((await stranger.ask('PUT', `/webhooks/${id}`, wanted)).status).toBe(404)
    expect((await stranger.ask('GET', '/webhooks')).body.total).toBe(0)
    expect((await api.ask('GET', '/webhooks', undefined, {})).status).toBe(401)
  })

  it.each([
    ['an address in a private network', { url: 'https://10.0.0.1/' }, 'url_forbidden'],
    ['plain http', { url: 'http://hooks.example.org/' }, 'url_forbidden'],
    ['no event', { events: [] }, 'invalid-body'],
    ['an event that there is not', { events: ['job.exploded'] }, 'invalid-body'],
    ['a test, which is not waited for', { events: ['webhook.test'] }, 'invalid-body'],
    ['an event twice', { events: ['job.failed', 'job.failed'] }, 'invalid-body'],
  ])('with %s is refused', async (_, change, code) => {
    const owner = await newOwner()

    expect(await owner.ask('POST', '/webhooks', { ...wanted, ...change })).toMatchObject({
      ...{ status: 422, body: { error: { code } } },
    })
    expect((await owner.ask('GET', '/webhooks')).body.total).toBe(0)
  })

  it('is the twentieth at most, however many are registered at once', async () => {
    const owner = await newOwner()

    const made = await Promise.all(Array.from({ length: 22 }, () => owner.ask('POST', '/webhooks', wanted)))

    expect(made.filter(({ status }) => status === 201)).toHaveLength(20)
    expect(made.find(({ status }) => status !== 201)).toMatchObject({
      ...{ status: 409, body: { error: { code: 'webhooks-too-many' } } },
    })
  })

  it('keeps its old secret for as long as is asked when it gets a new one', async () => {
    const owner = await newOwner()
    const { id, secret } = await register(owner)

    const rotated = await owner.ask('POST', `/webhooks/${id}/rotate-secret`, { overlap_hours: 2 })
    const atOnce = await owner.ask('POST', `/webhooks/${id}/rotate-secret`, { overlap_hours: 0 })
    const usual = await owner.ask('POST', `/webhooks/${id}/rotate-secret`)

    const hours = ({ body }: typeof usual) =>
      (Date.parse(body.previous_secret_until) - Date.now()) / 3_600_000
    expect(rotated.body.secret).toMatch(SECRET)
    expect(rotated.body.secret).not.toBe(secret)
    expect(hours(rotated)).toBeCloseTo(2, 1)
    expect(atOnce.body.previous_secret_until).toBeNull()
    expect(hours(usual)).toBeCloseTo(24, 1)
    const row = await api.db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst()
    expect(row).toMatchObject({ secret: usual.body.secret, previous_secret: atOnce.body.secret })
  })
})

describe('a message', () => {
  it('is written with its job when somebody tries a webhook out', async () => {
    const owner = await newOwner()
    const { id } = await register(owner)

    const test = await owner.ask('POST', `/webhooks/${id}/test`)

    expect(test).toMatchObject({
      status: 202,
      body: { event_type: 'webhook.test', status: 'pending', attempts: 0 },
    })
    const { body } = await api.db
      .selectFrom('webhook_deliveries')
      .select('body')
      .where('id', '=', test.body.id)
      .executeTakeFirstOrThrow()
    expect(JSON.parse(body)).toMatchObject({ type: 'webhook.test', data: { webhook_id: id } })
    expect(await jobsAbout(test.body.id)).toMatchObject([
      { type: 'deliver', status: 'queued', input: { deliveryId: test.body.id } },
    ])
  })

  it('is listed with what became of it, by status', async () => {
    const owner = await newOwner()
    const { id } = await register(owner)
    const first = (await owner.ask('POST', `/webhooks/${id}/test`)).body
    const second = (await owner.ask('POST', `/webhooks/${id}/test`)).body
    const failed = {
      status: 'failed',
      attempts: 1,
      response_status: 500,
      error_message: 'answered 500',
    } as const
    await api.db.updateTable('webhook_deliveries').set(failed).where('id', '=', first.id).execute()

    const all = (await owner.ask('GET', `/webhooks/${id}/deliveries`)).body
    const some = (await owner.ask('GET', `/webhooks/${id}/deliveries?status=failed&page_size=1`)).body

    expect(all.deliveries.map((one: { id: string }) => one.id)).toEqual([second.id, first.id])
    expect(some).toMatchObject({ total: 1, page_size: 1, deliveries: [{ ...first, ...failed }] })
  })

  it('that has ended is sent once more under its own id, by a new job', async () => {
    const owner = await newOwner()
    const { id } = await register(owner)
    const delivery = (await owner.ask('POST', `/webhooks/${id}/test`)).body
    const ended = { status: 'failed', attempts: 10, error_message: 'answered 500' } as const
    await api.db.updateTable('webhook_deliveries').set(ended).where('id', '=', delivery.id).execute()
    await api.db
      .updateTable('processing_jobs')
      .set({ status: 'completed' })
      .where('subject_id', '=', delivery.id)
      .execute()

    const replayed = await owner.ask('POST', `/webhooks/${id}/deliveries/${delivery.id}/replay`)

    expect(replayed).toMatchObject({
      status: 202,
      body: { id: delivery.id, status: 'pending', attempts: 0, error_message: null },
    })
    const statuses = (await jobsAbout(delivery.id)).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual(['completed', 'queued'])
    const other = randomUUID()
    expect((await owner.ask('POST', `/webhooks/${id}/deliveries/${other}/replay`)).status).toBe(404)
  })

  it('that two want sent once more at the same time is sent by one job', async () => {
    const owner = await newOwner()
    const { id } = await register(owner)
    const delivery = (await owner.ask('POST', `/webhooks/${id}/test`)).body
    const jobs = api.db.updateTable('processing_jobs').where('subject_id', '=', delivery.id)
    await jobs.set({ status: 'completed' }).execute()

    // Both are held up until neither can have missed the other.
    const replays = await api.db.transaction().execute(async (trx) => {
      await trx
        .selectFrom('webhook_deliveries')
        .select('id')
        .where('id', '=', delivery.id)
        .forUpdate()
        .execute()
      const both = [1, 2].map(() => owner.ask('POST', `/webhooks/${id}/deliveries/${delivery.id}/replay`))
      await expect.poll(waitingForLocks).toBe(2)
      return both
    })

    expect((await Promise.all(replays)).map(({ status }) => status)).toEqual([202, 202])
    const statuses = (await jobsAbout(delivery.id)).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual(['completed', 'queued'])
  })

  it('that is replayed is not sent by its dead letter’s redrive as well', async () => {
    const owner = await newOwner()
    const { id } = await register(owner)
    const delivery = (await owner.ask('POST', `/webhooks/${id}/test`)).body
    const jobs = api.db.updateTable('processing_jobs').where('subject_id', '=', delivery.id)
    const [dead] = await jobs.set({ status: 'failed' }).returning('id').execute()
    await owner.ask('POST', `/webhooks/${id}/deliveries/${delivery.id}/replay`)

    const redriven = redriveJob(api.db, dead?.id ?? '', 'an admin')

    await expect(redriven).rejects.toMatchObject({ code: 'job-duplicate' })
  })

  it('that waits for its next try is tried at once by the job it has, for as long as a new one', async () => {
    const owner = await newOwner()
    const { id } = await register(owner)
    const delivery = (await owner.ask('POST', `/webhooks/${id}/test`)).body
    const nextDay = new Date(Date.now() + 86_400_000)
    await api.db
      .updateTable('processing_jobs')
      .set({ run_at: nextDay, error_code: 'delivery-failed', started_at: new Date(0) })
      .where('subject_id', '=', delivery.id)
      .execute()
    await api.db.updateTable('webhook_deliveries').set({ next_attempt_at: nextDay }).execute()

    await owner.ask('POST', `/webhooks/${id}/deliveries/${delivery.id}/replay`)

    const [job, ...others] = await jobsAbout(delivery.id)
    expect(others).toEqual([])
    expect(job?.run_at.getTime()).toBeLessThan(nextDay.getTime() - 80_000_000)
    expect(job?.started_at).toBeNull()
  })

  it('that is being sent at this moment is left to that try', async () => {
    const owner = await newOwner()
    const { id } = await register(owner)
    const delivery = (await owner.ask('POST', `/webhooks/${id}/test`)).body
    await api.db
      .updateTable('processing_jobs')
      .set({ status: 'running' })
      .where('subject_id', '=', delivery.id)
      .execute()

    const refused = await owner.ask('POST', `/webhooks/${id}/deliveries/${delivery.id}/replay`)

    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'delivery-under-way' } } })
    expect(await jobsAbout(delivery.id)).toHaveLength(1)
  })

  it('is not sent where nothing is, until the webhook is enabled', async () => {
    const owner = await newOwner()
    const { id } = await register(owner)
    const since = { disabled_at: new Date(), disabled_reason: 'it is gone', failing_since: new Date() }
    await api.db.updateTable('webhooks').set(since).where('id', '=', id).execute()

    const refused = await owner.ask('POST', `/webhooks/${id}/test`)
    const enabled = await owner.ask('POST', `/webhooks/${id}/enable`)
    const sent = await owner.ask('POST', `/webhooks/${id}/test`)

    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'webhook-disabled' } } })
    expect(enabled.body).toMatchObject({ disabled_at: null, disabled_reason: null, failing_since: null })
    expect(sent.status).toBe(202)
  })

  it('goes with its webhook, and so does its job', async () => {
    const owner = await newOwner()
    const { id } = await register(owner)
    const delivery = (await owner.ask('POST', `/webhooks/${id}/test`)).body

    await owner.ask('DELETE', `/webhooks/${id}`)

    expect(await jobsAbout(delivery.id)).toEqual([])
    const rows = api.db.selectFrom('webhook_deliveries').select('id').where('webhook_id', '=', id)
    expect(await rows.execute()).toEqual([])
  })
})

describe('callbacks', () => {
  it('have one secret, known before the first, that can be changed', async () => {
    const owner = await newOwner()

    const before = (await owner.ask('GET', '/webhooks/callback-secret')).body
    const id = await inTransaction(api.db, (trx) => callbackWebhook(trx, owner.userId, URL))
    const ofOne = (await owner.ask('GET', `/webhooks/${id}/secret`)).body
    const rotated = (await owner.ask('POST', '/webhooks/callback-secret/rotate', { overlap_hours: 1 })).body

    expect(before.secret).toMatch(SECRET)
    expect(ofOne).toEqual(before)
    expect(rotated.secret).not.toBe(before.secret)
    expect((await owner.ask('GET', '/webhooks/callback-secret')).body).toEqual(rotated)
  })

  it('are listed by themselves, and their URL stays that of their jobs', async () => {
    const owner = await newOwner()
    const id = await inTransaction(api.db, (trx) => callbackWebhook(trx, owner.userId, URL))

    const listed = (await owner.ask('GET', '/webhooks?origin=callback')).body
    const changed = await owner.ask('PUT', `/webhooks/${id}`, wanted)
    const rotated = await owner.ask('POST', `/webhooks/${id}/rotate-secret`)

    expect((await owner.ask('GET', '/webhooks')).body.total).toBe(0)
    expect(listed).toMatchObject({ total: 1, webhooks: [{ id, origin: 'callback', url: URL }] })
    for (const refused of [changed, rotated]) {
      expect(refused).toMatchObject({ status: 409, body: { error: { code: 'webhook-is-callback' } } })
    }
  })
})
