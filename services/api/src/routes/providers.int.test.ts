import { randomUUID } from 'node:crypto'
import { OwnerBudget, Providers, Usage } from '@app/contracts'
import { beginProviderCall, endProviderCall, keepModelState, stopProvider } from '@app/db'
import { insertManyJobs, testDatabase, testRedis } from '@app/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApi, type TestApi } from '../testing/test-api.ts'

const ADMIN = '/api/v1/admin'
let database: Awaited<ReturnType<typeof testDatabase>>
let api: TestApi
beforeAll(async () => {
  database = await testDatabase()
  api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

async function seedCall(over: {
  ownerId?: string
  model?: string
  costUsd?: number
  at?: string
}): Promise<void> {
  const { ownerId, model = 'gpt-6-luna', costUsd, at } = over
  const id = await beginProviderCall(api.db, { provider: 'openai', model, operation: 'summarize', ownerId })
  await endProviderCall(api.db, id, { outcome: 'answered', inputTokens: 1_000, outputTokens: 10, costUsd })
  if (at) await api.db.updateTable('provider_calls').set({ at }).where('id', '=', id).execute()
}

it('sums up what was used and spent, by what is asked for', async () => {
  const [ada, eve] = [randomUUID(), randomUUID()]
  await seedCall({ ownerId: ada, costUsd: 0.5, at: '2026-03-01T23:59:59Z' })
  await seedCall({ ownerId: eve, costUsd: 0.25, at: '2026-03-02T00:00:00Z' })
  await seedCall({ ownerId: eve, model: 'my-own', at: '2026-03-02T12:00:00Z' })
  const ask = async (query: string) => Usage.parse((await api.ask('GET', `${ADMIN}/usage?${query}`)).body)

  const byDay = await ask('from=2026-03-01&to=2026-03-02&by=day')
  const byOwner = await ask(`from=2026-03-01&to=2026-03-02&by=owner,model&owner_id=${eve}`)
  const broken = await api.ask('GET', `${ADMIN}/usage?by=moon`)

  expect(byDay.rows).toMatchObject([
    { day: '2026-03-02', calls: 2, unpriced: 1, cost_usd: 0.25, owner_id: null },
    { day: '2026-03-01', calls: 1, unpriced: 0, cost_usd: 0.5, input_tokens: 1_000 },
  ])
  expect(byDay.total).toMatchObject({ calls: 3, cost_usd: 0.75 })
  expect(byOwner.rows).toMatchObject([
    { owner_id: eve, model: 'gpt-6-luna', day: null, cost_usd: 0.25 },
    { owner_id: eve, model: 'my-own', cost_usd: 0 },
  ])
  expect(broken).toMatchObject({ status: 422, body: { error: { code: 'invalid-query' } } })
})

it('counts a call whose process died as one that may have been billed', async () => {
  const ownerId = randomUUID()
  const id = await beginProviderCall(api.db, {
    provider: 'revai',
    model: 'machine',
    operation: 'submit',
    ownerId,
  })
  await api.db
    .updateTable('provider_calls')
    .set({ at: sql<Date>`now() - interval '2 hours'` })
    .where('id', '=', id)
    .execute()

  const { body } = await api.ask('GET', `${ADMIN}/usage?by=owner&owner_id=${ownerId}`)

  expect(Usage.parse(body).rows).toMatchObject([{ calls: 1, unclear: 1, failed: 0 }])
})

it('shows what services are configured for, what is ending, and what is stopped and why', async () => {
  const state = { provider: 'gemini', use: 'language', fingerprint: 'f1' }
  const warning = 'gemini ends gemini-x on 2027-05-07.'
  await keepModelState(api.db, {
    ...{ ...state, model: 'gemini-x', status: 'ending', shutdownDate: '2027-05-07', warning },
  })
  const stop = { code: 'provider-key-refused', sentence: 'Gemini refuses our key.', isOutage: false }
  for (const fingerprint of ['f1', 'of-another-key']) {
    await stopProvider(
      api.db,
      { provider: 'gemini', fingerprint, model: '' },
      { ...stop, probeInMs: 60_000, isFailedProbe: false },
    )
  }

  const { providers } = Providers.parse((await api.ask('GET', `${ADMIN}/providers`)).body)
  const metrics = await api.ask('GET', '/metrics', undefined, {})

  expect(providers.filter(({ provider }) => provider === 'gemini')).toMatchObject([
    {
      models: [
        { model: 'gemini-x', use: 'language', status: 'ending', shutdown_date: '2027-05-07', warning },
      ],
      stops: [{ model: null, kind: 'refusal', code: stop.code, message: stop.sentence, failed_tries: 0 }],
      today: { calls: 0, cost_usd: 0 },
    },
  ])
  expect(metrics.body).toContain(
    'scriptorium_provider_stopped{provider="gemini",model="",code="provider-key-refused"} 1',
  )
})

it('sets an owner’s budget, lets the jobs come that wait for it, and keeps who did', async () => {
  const ownerId = randomUUID()
  await insertManyJobs(api.db, { count: 1, queue: 'embed', status: 'queued' })
  await sql`update processing_jobs set waiting_for = ${`budget:${ownerId}`}, run_at = now() + interval '1 hour'
    where queue = 'embed'`.execute(api.db)

  const set = await api.ask('PUT', `${ADMIN}/owners/${ownerId}/budget`, { usd_per_day: 12.5 })
  const { rows: waiting } = await sql`select id from processing_jobs
    where queue = 'embed' and run_at > now()`.execute(api.db)
  const taken = await api.ask('PUT', `${ADMIN}/owners/${ownerId}/budget`, { usd_per_day: null })
  const broken = await api.ask('PUT', `${ADMIN}/owners/${ownerId}/budget`, { usd_per_day: -1 })

  expect(OwnerBudget.parse(set.body)).toEqual({ owner_id: ownerId, usd_per_day: 12.5 })
  expect(waiting).toEqual([])
  expect(taken.body).toMatchObject({ usd_per_day: null })
  expect(await api.db.selectFrom('owner_budgets').selectAll().execute()).toEqual([])
  expect(broken.status).toBe(422)
  const acts = await api.db
    .selectFrom('audit_log')
    .select(['action', 'subject', 'details'])
    .orderBy('at')
    .execute()
  expect(acts).toEqual([
    { action: 'owner-budget-set', subject: `owner ${ownerId}`, details: { usdPerDay: 12.5 } },
    { action: 'owner-budget-set', subject: `owner ${ownerId}`, details: { usdPerDay: null } },
  ])
})
