import { randomUUID } from 'node:crypto'
import { budgetState, providerStops } from '@app/db'
import { createLogger, loadConfig, PutOffError, RetryLaterError } from '@app/runtime'
import { testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { APIConnectionError, APIError } from 'openai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CallLimits, ProviderCall } from './calls.ts'
import { ProviderAnswerError } from './failure.ts'
import { createProviderCalls } from './provider-calls.ts'
import { providersConfig } from './providers-config.ts'
import { OUTAGES_THAT_STOP } from './stops.ts'

const KEY = 'sk-proj-0123456789abcdefghij'
let world: World

beforeAll(async () => {
  world = await testWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

/** Each process of a test has a key of its own, and so stops of its own. */
function process(key = `${KEY}${randomUUID()}`, budgets: Record<string, string> = {}, now?: () => number) {
  const config = loadConfig(providersConfig, { OPENAI_API_KEY: key, ...budgets })
  return createProviderCalls({ db: world.db, log: world.log, config, ...(now ? { now } : {}) })
}

const call = (over: Partial<ProviderCall> = {}): ProviderCall => ({
  ...{ provider: 'openai', model: 'gpt-6-luna', operation: 'test' },
  ...{ signal: new AbortController().signal, timeoutMs: 5_000, ...over },
})
const answering = async () => ({ value: 'yes', usage: { inputTokens: 200_000, outputTokens: 160_000 } })
const refusing =
  (status: number, error: object, headers: Record<string, string> = {}) =>
  async () => {
    throw APIError.generate(status, { error }, undefined, new Headers(headers))
  }
const rowsOf = (jobId: string) =>
  world.db.selectFrom('provider_calls').selectAll().where('job_id', '=', jobId).orderBy('at').execute()
const thrownBy = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => Promise.reject(new Error('nothing was thrown')),
    (error) => error as Error,
  )
const probeNow = () => sql`update provider_stops set probe_at = now()`.execute(world.db)

it('writes down who asked what, what it used and what that cost', async () => {
  const [jobId, ownerId] = [randomUUID(), randomUUID()]

  const value = await process().run(call({ jobId, ownerId }), answering)

  expect(value).toBe('yes')
  expect(await rowsOf(jobId)).toMatchObject([
    {
      ...{
        provider: 'openai',
        model: 'gpt-6-luna',
        operation: 'test',
        owner_id: ownerId,
        outcome: 'answered',
      },
      ...{ input_tokens: '200000', output_tokens: '160000', cost_usd: 0.1, error_code: null },
    },
  ])
})

it('takes what is no count of anything used for nothing said', async () => {
  const jobId = randomUUID()
  const usage = { inputTokens: -5_000_000, cachedInputTokens: Number.NaN, outputTokens: '7' as never }

  await process().run(call({ jobId }), async () => ({ value: 'yes', usage }))

  expect(await rowsOf(jobId)).toMatchObject([
    {
      outcome: 'answered',
      input_tokens: null,
      cached_input_tokens: null,
      output_tokens: null,
      cost_usd: null,
    },
  ])
})

it('leaves a row behind for a call that never ended', async () => {
  const jobId = randomUUID()
  const begun = Promise.withResolvers<void>()
  const abort = new AbortController()

  const running = process().run(call({ jobId, signal: abort.signal }), () => {
    begun.resolve()
    return new Promise<never>(() => {})
  })
  await begun.promise
  const [underWay] = await rowsOf(jobId)
  abort.abort(new Error('cancelled'))

  await expect(running).rejects.toThrow('cancelled')
  expect(underWay).toMatchObject({ outcome: 'under-way', ended_at: null })
  expect(await rowsOf(jobId)).toMatchObject([{ outcome: 'cancelled' }])
})

it('keeps what a refused answer cost', async () => {
  const jobId = randomUUID()
  const failure = { kind: 'fatal', code: 'content-refused', sentence: 'No.' } as const

  const thrown = await thrownBy(
    process().run(call({ jobId }), async () => {
      throw new ProviderAnswerError(failure, { inputTokens: 200_000 })
    }),
  )

  expect(thrown).toMatchObject({ name: 'FatalError', code: 'content-refused', message: 'No.' })
  expect(await rowsOf(jobId)).toMatchObject([
    { outcome: 'failed', error_code: 'content-refused', cost_usd: 0.02 },
  ])
})

it('ends a call that takes too long, though its work heeds no signal', async () => {
  const thrown = await thrownBy(process().run(call({ timeoutMs: 20 }), () => new Promise<never>(() => {})))

  expect(thrown).toMatchObject({ code: 'provider-timeout', message: 'OpenAI did not answer in time.' })
})

it('asks a provider that refuses our key no more, from any process, until one probe gets through', async () => {
  const key = `${KEY}${randomUUID()}`
  const [first, second] = [process(key), process(key)]
  let asked = 0
  const counted = async () => {
    asked += 1
    return await answering()
  }

  const refused = await thrownBy(first.run(call(), refusing(401, { code: 'invalid_api_key' })))
  const putOff = await thrownBy(second.run(call(), counted))
  await probeNow()
  const failedProbe = await thrownBy(second.run(call(), refusing(401, { code: 'invalid_api_key' })))
  const putOffAgain = await thrownBy(first.run(call(), counted))
  const askedWhileStopped = asked
  await probeNow()
  await first.run(call(), counted)
  await second.run(call(), counted)

  for (const thrown of [refused, putOff, failedProbe, putOffAgain]) {
    expect(thrown).toBeInstanceOf(PutOffError)
    expect(thrown).toMatchObject({
      ...{ code: 'provider-stopped', waitingFor: 'provider:openai' },
      message: 'OpenAI refuses our key: check OPENAI_API_KEY.',
    })
  }
  expect(askedWhileStopped).toBe(0)
  expect(asked).toBe(2)
})

it('lets one call at a time try whether a stopped provider works again', async () => {
  const key = `${KEY}${randomUUID()}`
  const [first, second] = [process(key), process(key)]
  await thrownBy(first.run(call(), refusing(429, { code: 'insufficient_quota' })))
  await probeNow()
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<{ value: string }>()

  const probe = first.run(call(), () => {
    asked.resolve()
    return answer.promise
  })
  await asked.promise
  const meanwhile = await thrownBy(second.run(call(), answering))
  answer.resolve({ value: 'yes' })

  expect(await probe).toBe('yes')
  expect(meanwhile).toMatchObject({ code: 'provider-stopped' })
  expect(await second.run(call(), answering)).toBe('yes')
})

it('asks again at once with another key', async () => {
  await thrownBy(process().run(call(), refusing(401, {})))

  expect(await process().run(call(), answering)).toBe('yes')
})

it('stops a model that is gone, and no other of the provider', async () => {
  const calls = process()

  const gone = await thrownBy(calls.run(call(), refusing(404, { code: 'model_not_found' })))
  const again = await thrownBy(calls.run(call(), answering))
  const other = await calls.run(call({ model: 'gpt-transcribe' }), answering)

  expect(gone).toMatchObject({ waitingFor: 'provider:openai/gpt-6-luna' })
  expect(again).toMatchObject({ code: 'provider-stopped' })
  expect(other).toBe('yes')
})

it('opens the circuit after outages in a row, and not after as many with answers between them', async () => {
  const calls = process()
  const lost = async () => {
    throw new APIConnectionError({ message: 'Connection error.' })
  }

  for (let i = 1; i < OUTAGES_THAT_STOP; i += 1) await thrownBy(calls.run(call(), lost))
  await calls.run(call(), answering)
  const thrown = []
  for (let i = 1; i <= OUTAGES_THAT_STOP + 1; i += 1) thrown.push(await thrownBy(calls.run(call(), lost)))

  expect(thrown.map((error) => (error as { code?: string }).code)).toEqual([
    ...Array.from({ length: OUTAGES_THAT_STOP }, () => 'provider-unreachable'),
    'provider-stopped',
  ])
  const stop = (await providerStops(world.db)).find(({ code }) => code === 'provider-unreachable')
  expect(stop).toMatchObject({ provider: 'openai', model: '', isOutage: true })
})

it('takes time-outs of jobs in a row for an outage, and those of people for none', async () => {
  const hanging = () => new Promise<never>(() => {})
  const codes = async (over: Partial<ProviderCall>) => {
    const calls = process()
    const timeOuts = Array.from({ length: OUTAGES_THAT_STOP }, () =>
      thrownBy(calls.run(call({ ...over, timeoutMs: 20 }), hanging)),
    )
    const thrown = (await Promise.all(timeOuts)).map((error) => (error as { code?: string }).code)
    const job = calls.run(call(), answering).catch((error) => error.code)
    return [new Set(thrown), await job]
  }

  expect(await codes({})).toEqual([new Set(['provider-timeout']), 'provider-stopped'])
  expect(await codes({ isAwaited: true })).toEqual([new Set(['provider-timeout']), 'yes'])
})

it('has nobody wait for what a provider answered too late five times, but one now and then', async () => {
  let now = 0
  const calls = process(undefined, {}, () => now)
  const awaited = call({ operation: 'embed-query', isAwaited: true, timeoutMs: 20 })
  const hang = () => thrownBy(calls.run(awaited, () => new Promise<never>(() => {})))
  const tooLate = { code: 'provider-timeout' }
  for (let i = 0; i < OUTAGES_THAT_STOP; i += 1) expect(await hang()).toMatchObject(tooLate)

  const refused = await hang()
  const ofJob = await calls.run(call({ operation: 'embed-query' }), answering)
  const ofOtherModel = await calls.run({ ...awaited, model: 'other' }, answering)
  now += 30_000
  const probe = await hang()
  const refusedAgain = await hang()
  now += 30_000
  const answers = [await calls.run(awaited, answering), await calls.run(awaited, answering)]

  expect(refused).toBeInstanceOf(RetryLaterError)
  expect(refused).toMatchObject({ code: 'provider-slow', retryAfterMs: 30_000 })
  expect([ofJob, ofOtherModel]).toEqual(['yes', 'yes'])
  expect(probe).toMatchObject(tooLate)
  expect(refusedAgain).toMatchObject({ code: 'provider-slow' })
  expect(answers).toEqual(['yes', 'yes'])
})

it('draws from the limit that all processes share, waits for a turn that is near, and passes on what it learns', async () => {
  const taken: string[] = []
  const learned: unknown[] = []
  let refusals = 1
  const limits: CallLimits = {
    async take(limit) {
      if (refusals-- > 0) throw new RetryLaterError('limit-reached', 'x', { retryAfterMs: 1 })
      taken.push(limit?.key ?? '')
    },
    async learn(limit, answer) {
      learned.push([limit.key, answer.status, answer.headers?.get('x-ratelimit-remaining-requests')])
      if (answer.status === 429) throw new RetryLaterError('rate-limited', 'x', { retryAfterMs: 90_000 })
    },
  }
  const calls = process()
  const headers = new Headers({ 'x-ratelimit-remaining-requests': '7' })

  await calls.run(call({ limits }), async () => ({ value: 'yes', headers }))
  const thrown = await thrownBy(
    calls.run(call({ limits }), refusing(429, { code: 'rate_limit_exceeded' }, { 'retry-after': '3' })),
  )

  expect(taken).toEqual(['openai/gpt-6-luna', 'openai/gpt-6-luna'])
  expect(learned).toEqual([
    ['openai/gpt-6-luna', 200, '7'],
    ['openai/gpt-6-luna', 429, null],
  ])
  expect(thrown).toMatchObject({ code: 'rate-limited', retryAfterMs: 90_000 })
})

it('puts calls off when an owner’s day is spent, and no other owner’s', async () => {
  const [spender, saver] = [randomUUID(), randomUUID()]
  const calls = process(undefined, { BUDGET_USD_PER_OWNER_PER_DAY: '0.15' })

  await calls.run(call({ ownerId: spender }), answering)
  await calls.run(call({ ownerId: spender }), answering)
  const over = await thrownBy(calls.run(call({ ownerId: spender }), answering))

  expect(over).toBeInstanceOf(PutOffError)
  expect(over).toMatchObject({
    ...{ code: 'over-budget', waitingFor: `budget:${spender}` },
    message: 'Over budget: $0.20 of this owner’s $0.15 for today are spent.',
  })
  expect(await calls.run(call({ ownerId: saver }), answering)).toBe('yes')
})

it('takes an owner’s own budget before the usual one, and holds the one of all', async () => {
  const ownerId = randomUUID()
  await world.db.insertInto('owner_budgets').values({ owner_id: ownerId, usd_per_day: 0 }).execute()

  const own = await thrownBy(
    process(undefined, { BUDGET_USD_PER_OWNER_PER_DAY: '1000' }).run(call({ ownerId }), answering),
  )
  const all = await thrownBy(process(undefined, { BUDGET_USD_PER_DAY: '0.1' }).run(call(), answering))

  expect(own).toMatchObject({ code: 'over-budget', waitingFor: `budget:${ownerId}` })
  expect(all).toMatchObject({ code: 'over-budget', waitingFor: 'budget:all' })
  const { dayEndsInMs } = await budgetState(world.db, { ownerId }, {})
  expect(dayEndsInMs).toBeGreaterThan(0)
  expect(dayEndsInMs).toBeLessThanOrEqual(86_400_000)
})

it('puts the calls of an API key’s jobs off when its day is spent, and no other job’s of its owner', async () => {
  const ownerId = randomUUID()
  const key = {
    owner_id: ownerId,
    name: 'k',
    prefix: 'sk_',
    scopes: [],
    created_by: 'an admin',
    usd_per_day: 0.15,
  }
  const { id: keyId } = await world.db
    .insertInto('api_keys')
    .values({ ...key, key_hash: randomUUID() })
    .returning('id')
    .executeTakeFirstOrThrow()
  const jobOf = async (api_key_id: string | null) => {
    const url = 'https://www.example.org/v'
    const clip = await world.db
      .insertInto('clips')
      .values({ owner_id: ownerId, url, platform: 'generic', api_key_id })
      .returning('id')
      .executeTakeFirstOrThrow()
    const subject = { subjectKind: 'clip', subjectId: clip.id, ownerId }
    const input = { clipId: clip.id, url }
    const { ids } = await world.insert([
      { ...subject, key: 'd', type: 'download', lane: 'normal', input, dependsOn: [] },
    ])
    return ids.get('d') ?? ''
  }
  const [spender, other, free] = [await jobOf(keyId), await jobOf(keyId), await jobOf(null)]
  const calls = process()

  await calls.run(call({ ownerId, jobId: spender }), answering)
  await calls.run(call({ ownerId, jobId: spender }), answering)
  const over = await thrownBy(calls.run(call({ ownerId, jobId: other }), answering))

  expect(over).toMatchObject({
    ...{ code: 'over-budget', waitingFor: `budget:key:${keyId}` },
    message: 'Over budget: $0.20 of this API key’s $0.15 for today are spent.',
  })
  expect(await calls.run(call({ ownerId, jobId: free }), answering)).toBe('yes')
  expect(await rowsOf(spender)).toMatchObject([{ api_key_id: keyId }, { api_key_id: keyId }])
})

it.each([
  ['that looks like one', () => `${KEY}${randomUUID()}`],
  ['of a server of one’s own', () => `hush ${randomUUID()}`],
])('lets no key %s into errors, causes, logs or rows', async (_, newKey) => {
  const key = newKey()
  const jobId = randomUUID()
  const logged: string[] = []
  const log = createLogger('test', 'trace', { write: (line) => logged.push(line) })
  const config = loadConfig(providersConfig, { OPENAI_API_KEY: key })
  log.info({ config }, 'configured')
  const calls = createProviderCalls({ db: world.db, log, config })

  const thrown = await thrownBy(
    calls.run(call({ jobId }), async () => {
      const cause = new Error(`GET https://x.example/?key=${key}`)
      const request = { headers: { Authorization: `Bearer ${key}` } }
      throw Object.assign(
        APIError.generate(400, { error: { message: `You sent ${key}.` } }, undefined, new Headers()),
        { cause, request },
      )
    }),
  )

  const { inspect } = await import('node:util')
  expect(inspect(thrown, { depth: 9, showHidden: true })).not.toContain(key)
  expect(thrown.message).toBe('OpenAI refused what it was sent: You sent [secret].')
  log.error({ err: thrown }, 'as a worker logs it')
  await thrownBy(calls.run(call(), refusing(401, { message: `Incorrect API key provided: ${key}` })))
  expect(logged).toHaveLength(3)
  expect(logged.join('')).not.toContain(key)
  expect(JSON.stringify(await rowsOf(jobId))).not.toContain(key)
  expect(JSON.stringify(await providerStops(world.db))).not.toContain(key)
})
