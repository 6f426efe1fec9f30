import { modelStates, providerStops } from '@app/db'
import { loadConfig } from '@app/runtime'
import { startSandbox } from '@app/sandbox'
import { testWorld, type World } from '@app/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createProviderMetrics } from '../provider-metrics.ts'
import { providersConfig } from '../providers-config.ts'
import { checkModels } from './model-check.ts'

let world: World
let sandbox: Awaited<ReturnType<typeof startSandbox>>
beforeAll(async () => {
  world = await testWorld()
  sandbox = await startSandbox({ knows: 'nothing' })
})
afterAll(async () => {
  await sandbox.close()
  await world[Symbol.asyncDispose]()
})

const never = new AbortController().signal
const check = (env: Record<string, string>) =>
  checkModels(
    {
      ...{ db: world.db, log: world.log, metrics: createProviderMetrics() },
      config: loadConfig(providersConfig, {
        ...{ OPENAI_API_KEY: sandbox.keys.openai, OPENAI_BASE_URL: sandbox.openaiBaseUrl },
        ...{ GEMINI_API_KEY: sandbox.keys.gemini, GEMINI_BASE_URL: sandbox.geminiBaseUrl },
        ...env,
      }),
    },
    never,
  )

it('warns of a model that its provider has given a date, and stops one that is gone', async () => {
  const states = await check({
    OPENAI_TRANSCRIBE_MODEL: 'whisper-1',
    GEMINI_LANGUAGE_MODEL: 'gemini-1.0-lost',
  })

  expect(states.map(({ provider, use, status }) => `${provider} ${use} ${status}`)).toEqual([
    ...['openai transcribe ending', 'openai language available', 'openai embed available'],
    ...['gemini transcribe available', 'gemini language gone', 'gemini embed available'],
  ])
  const [ending] = states
  expect(ending).toMatchObject({ shutdownDate: '2027-02-26' })
  expect(ending?.warning).toContain('OPENAI_TRANSCRIBE_MODEL')
  expect(await modelStates(world.db)).toHaveLength(6)
  expect(await providerStops(world.db)).toMatchObject([
    { provider: 'gemini', model: 'gemini-1.0-lost', code: 'provider-model-gone' },
  ])
})

it('finds out at the start that a key is refused', async () => {
  const states = await check({ OPENAI_API_KEY: 'sk-wrong-0123456789' })

  const stops = await providerStops(world.db)
  expect(stops).toContainEqual(expect.objectContaining({ provider: 'openai', code: 'provider-key-refused' }))
  expect(states.filter(({ provider }) => provider === 'openai').map(({ status }) => status)).toEqual([
    ...['unknown', 'unknown', 'unknown'],
  ])
})
