import { createAnswerCache, createProviderMetrics, openaiClient } from '@app/providers'
import { testWorld, type World } from '@app/testkit'
import { expect, it } from 'vitest'
import { hearToEnd } from '../testing/hear-to-end.ts'
import { jobInMemory } from '../testing/job-in-memory.ts'
import { SPOKEN_TEXT, speechSandbox, testCalls } from '../testing/speech-sandbox.ts'
import { toneReader } from '../testing/tone-words.ts'
import { openAiSpeech } from './openai/openai-speech.ts'
import type { TranscribeOptions } from './port.ts'
import { revAiClient } from './revai/revai-client.ts'
import { revAiSpeech } from './revai/revai-speech.ts'
import { withCache } from './with-cache.ts'

const cacheOf = ({ bus, log }: World) =>
  createAnswerCache({
    ...{ redis: bus.redis, prefix: bus.prefix, log, metrics: createProviderMetrics() },
    ...{ lifetimeMs: 3_600_000, mostBytes: 1_000_000 },
  })

const asked = (more: Partial<TranscribeOptions> = {}): TranscribeOptions => ({
  ...{ job: jobInMemory(), signal: new AbortController().signal, onProgress: () => {} },
  ...more,
})

it('asks once for the same sound and settings, and again for other settings', async () => {
  await using world = await testWorld()
  await using local = await speechSandbox()
  const client = openaiClient(local.config)
  const calls = testCalls(local.config)
  const speech = withCache(
    openAiSpeech({ client, calls, model: 'whisper-1', isOfficial: true }),
    cacheOf(world),
  )
  const sound = await local.sound(speech)

  const first = await hearToEnd(speech, sound, asked())
  const second = await hearToEnd(speech, sound, asked())

  expect(local.sandbox.requests).toHaveLength(1)
  expect(first).toMatchObject({ secondsBilled: 12 })
  // Charged once.
  expect(second).not.toHaveProperty('secondsBilled')
  expect(second.segments).toEqual(first.segments)
  await hearToEnd(speech, sound, asked({ language: 'en' }))
  await hearToEnd(speech, sound, asked({ again: true }))
  expect(local.sandbox.requests).toHaveLength(3)
})

it.each([
  ['once, where the hearer takes none', true, 1],
  ['again, where the hearer takes them', false, 2],
])('hears the same sound with other hints %s', async (_, ignoresVocabulary, times) => {
  await using world = await testWorld()
  await using local = await speechSandbox()
  let calls = 0
  const onCall = async () => {
    calls += 1
  }
  const reader = toneReader({ ignoresVocabulary, onCall })
  const speech = withCache(reader, cacheOf(world))
  const sound = await local.sound(speech)

  const first = await speech.transcribe(sound, asked({ vocabulary: ['Ishmael'] }))
  const second = await speech.transcribe(sound, asked({ vocabulary: ['Ahab'] }))

  expect(calls).toBe(times)
  expect(second).toEqual(first)
})

it('remembers what was collected later, by a run that had no sound', async () => {
  await using world = await testWorld()
  await using local = await speechSandbox({ revai: { finish: 'by-hand' } })
  const { REVAI_ACCESS_TOKEN: token, REVAI_BASE_URL: baseUrl = '' } = local.config
  if (!token) throw new Error('the sandbox has a key')
  const client = revAiClient({ token, baseUrl })
  const speech = withCache(
    revAiSpeech({ client, calls: testCalls(local.config), model: 'machine' }),
    cacheOf(world),
  )
  const sound = await local.sound(speech)
  const job = jobInMemory()
  await expect(speech.transcribe(sound, asked({ job }))).rejects.toMatchObject({ code: 'transcript-pending' })
  await local.sandbox.revai.finish()
  await speech.resume?.(asked({ job }))

  const heard = await speech.transcribe(sound, asked())

  expect(heard.segments.map(({ text }) => text).join(' ')).toBe(SPOKEN_TEXT)
  expect(local.sandbox.requests.filter(({ route }) => route === 'revai.submit')).toHaveLength(1)
})
