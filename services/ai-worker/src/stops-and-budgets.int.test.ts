import type { Transcript } from '@app/contracts'
import { inTransaction, providerUsage, replaceTranscript } from '@app/db'
import { changeOwnerBudget, whyNotRunning } from '@app/jobs'
import { openProviders, providersConfig } from '@app/providers'
import { createLogger, createMetrics, loadConfig } from '@app/runtime'
import { startSandbox } from '@app/sandbox'
import { testWorld, type World } from '@app/testkit'
import { expect, it } from 'vitest'
import { languageConfig, languageFrom } from './language/language-from.ts'
import { summarize } from './summarize.ts'
import { tag } from './tag.ts'

const WRONG_KEY = 'sk-proj-wrong0123456789abcdef'
const SENTENCE = 'OpenAI refuses our key: check OPENAI_API_KEY.'

/** A book whose chapter is transcribed: its summary and its tags are due. */
async function transcribedBook(world: World) {
  const book = await world.seedAudiobook()
  const text = 'The captain had lost his leg to the white whale, and followed it around the world.'
  const spoken = { startMs: 0, endMs: 5_000, text, words: [{ text, startMs: 0, endMs: 5_000 }] }
  const origin = { language: 'en', provider: 'test', model: 'test-1' }
  const transcript: Transcript = { ...origin, durationMs: 5_000, segments: [spoken] }
  await inTransaction(world.db, (trx) => replaceTranscript(trx, book.chapters[0]?.id ?? '', transcript))
  const jobIds = [book.job('summarize'), book.job('tag')]
  await world.db
    .updateTable('processing_jobs')
    .set({ status: 'queued', waiting_on: 0 })
    .where('id', 'in', jobIds)
    .execute()
  return jobIds
}

/** A process as it starts with these variables, and what it logs. */
async function startedWith(world: World, env: Record<string, string>) {
  const logged: string[] = []
  const log = createLogger('ai-worker', 'info', { write: (line) => logged.push(line) })
  const config = loadConfig({ ...providersConfig, ...languageConfig }, env)
  log.info({ config }, 'configured')
  const metrics = createMetrics()
  const providers = openProviders({ config, db: world.db, bus: world.bus, log, metrics })
  await providers.parts[0]?.start?.({ signal: new AbortController().signal, fail: () => {} })
  const deps = { db: world.db, language: languageFrom(config, providers) }
  return { work: () => world.drain([summarize, tag], deps), logged }
}

const jobs = (world: World, ids: readonly string[]) => Promise.all(ids.map((id) => world.job(id)))

it('holds jobs whose provider refuses the key, with one sentence everywhere, until the key is right', async () => {
  await using world = await testWorld()
  await using sandbox = await startSandbox({ knows: '' })
  const jobIds = await transcribedBook(world)
  const address = { OPENAI_BASE_URL: sandbox.openaiBaseUrl }

  const wrong = await startedWith(world, { ...address, OPENAI_API_KEY: WRONG_KEY })
  await wrong.work()
  const [held] = await jobs(world, jobIds)
  const { reasons } = await whyNotRunning(world.db, world.bus, jobIds[0] ?? '')
  const asked = sandbox.requests.length
  const right = await startedWith(world, { ...address, OPENAI_API_KEY: sandbox.keys.openai })
  await right.work()

  expect(held).toMatchObject({
    ...{ status: 'queued', attempts: 0, snoozes: 0, waiting_for: 'provider:openai' },
    ...{ error_code: 'provider-stopped', error_message: expect.stringContaining(SENTENCE) },
  })
  expect(reasons[0]?.message).toContain(SENTENCE)
  expect(wrong.logged.filter((line) => line.includes(SENTENCE))).toHaveLength(1)
  expect(asked).toBe(1)
  expect(await jobs(world, jobIds)).toMatchObject([{ status: 'completed' }, { status: 'completed' }])
  const everything = JSON.stringify([
    wrong.logged,
    held,
    await world.db.selectFrom('provider_stops').selectAll().execute(),
  ])
  expect(everything).not.toContain(WRONG_KEY)
})

it('holds jobs over budget until it is raised, and knows what each job cost', async () => {
  await using world = await testWorld()
  await using sandbox = await startSandbox({ knows: '' })
  const jobIds = await transcribedBook(world)
  const { owner_id: ownerId } = await world.job(jobIds[0] ?? '')
  const { work } = await startedWith(world, {
    ...{ OPENAI_BASE_URL: sandbox.openaiBaseUrl, OPENAI_API_KEY: sandbox.keys.openai },
    BUDGET_USD_PER_OWNER_PER_DAY: '0',
  })

  await work()
  const held = await jobs(world, jobIds)
  const { reasons } = await whyNotRunning(world.db, world.bus, jobIds[0] ?? '')
  const asked = sandbox.requests.length
  await changeOwnerBudget(world.db, ownerId, { usdPerDay: 5, who: 'tester' })
  await work()

  for (const job of held) {
    expect(job).toMatchObject({ status: 'queued', attempts: 0, waiting_for: `budget:${ownerId}` })
  }
  expect(reasons[0]).toMatchObject({ code: 'put-off', message: expect.stringMatching(/^Over budget: /) })
  expect(asked).toBe(0)
  expect(await jobs(world, jobIds)).toMatchObject([{ status: 'completed' }, { status: 'completed' }])
  const span = { from: '2020-01-01', to: '2100-01-01' }
  const usage = await providerUsage(world.db, span, ['job', 'owner'], 10)
  expect(usage.map(({ job }) => job).toSorted()).toEqual(jobIds.toSorted())
  for (const { owner, costUsd } of usage) {
    expect(owner).toBe(ownerId)
    expect(costUsd).toBeGreaterThan(0)
  }
})
