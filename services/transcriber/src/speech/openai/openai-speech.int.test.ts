import { openaiClient } from '@app/providers'
import { describe, expect, it } from 'vitest'
import { hearToEnd } from '../../testing/hear-to-end.ts'
import { jobInMemory } from '../../testing/job-in-memory.ts'
import { speechSandbox, testCalls } from '../../testing/speech-sandbox.ts'
import type { TranscribeOptions } from '../port.ts'
import {
  describeRemotePort,
  describeRemoteSpeech,
  type RemoteProvider,
} from '../remote-speech.conformance.ts'
import { openAiSpeech } from './openai-speech.ts'

const error = (status: number, code: string, message = 'no') => ({
  status,
  body: { error: { message, type: 'x', param: null, code } },
})

const openAi = (model: string): RemoteProvider => ({
  speech: (config, calls) => openAiSpeech({ client: openaiClient(config), calls, model, isOfficial: true }),
  route: 'openai.transcriptions',
  keyVariable: 'OPENAI_API_KEY',
  refusals: [
    ['a rate that was exceeded', error(429, 'rate_limit_exceeded'), ['RetryLaterError', 'rate-limited']],
    ['credit that is gone', error(429, 'insufficient_quota'), ['ProviderStoppedError', 'provider-stopped']],
    ['a model that ended', error(404, 'model_not_found'), ['ProviderStoppedError', 'provider-stopped']],
    [
      'a file it can not read',
      error(400, 'invalid_value', 'Invalid file format.'),
      ['FatalError', 'audio-format-refused'],
    ],
    ['overload', error(503, 'server_is_overloaded'), ['RetryLaterError', 'provider-overloaded']],
    ['a fault of its own', { status: 500, body: 'oh' }, ['ProviderError', 'provider-failed']],
    ['an answer that is no JSON', { status: 200, body: '<html>' }, ['ProviderError', 'answer-unreadable']],
    ['an answer without a text', { status: 200, body: {} }, ['ProviderError', 'answer-unreadable']],
  ],
  noAnswer: ['ProviderError', 'provider-timeout'],
})

describeRemoteSpeech('OpenAI’s gpt-transcribe', openAi('gpt-transcribe'))
describeRemotePort('OpenAI’s whisper-1', openAi('whisper-1'))

describe('OpenAI’s transcription', () => {
  it.each([
    ['gpt-transcribe', { 'languages[]': ['en'], 'keywords[]': ['Moby-Dick', 'Herman Melville'] }],
    [
      'whisper-1',
      { language: ['en'], prompt: ['Moby-Dick, Herman Melville.'], response_format: ['verbose_json'] },
    ],
    [
      'gpt-4o-transcribe',
      { language: ['en'], prompt: ['Moby-Dick, Herman Melville.'], response_format: ['json'] },
    ],
  ])('tells %s the language and the names in the way it takes them', async (model, fields) => {
    await using world = await speechSandbox()
    const speech = openAi(model).speech(world.config, testCalls(world.config))
    const vocabulary = ['Moby-Dick', 'Herman Melville']

    await hearToEnd(speech, await world.sound(speech), { ...quietly(), language: 'en-US', vocabulary })

    expect(world.sandbox.requests.at(-1)?.fields).toMatchObject(fields)
  })

  it('sends no hints again to a sound that was heard in a doubtful way', async () => {
    await using world = await speechSandbox()
    const speech = openAi('whisper-1').speech(world.config, testCalls(world.config))

    await hearToEnd(speech, await world.sound(speech), { ...quietly(), again: true, vocabulary: ['Ahab'] })

    expect(world.sandbox.requests.at(-1)?.fields).toMatchObject({ temperature: ['0.4'] })
    expect(world.sandbox.requests.at(-1)?.fields).not.toHaveProperty('prompt')
  })

  it('takes what a server leaves out that only speaks its API', async () => {
    await using world = await speechSandbox()
    const speech = openAi('Systran/whisper-small').speech(world.config, testCalls(world.config))
    const body = { text: 'Call me Ishmael.', segments: null }
    world.sandbox.nextAnswer({ route: 'openai.transcriptions', status: 200, body })

    const heard = await hearToEnd(speech, await world.sound(speech), quietly())

    expect(heard).toMatchObject({ language: 'und', secondsBilled: 12 })
    expect(heard.segments.map(({ text }) => text).join(' ')).toBe('Call me Ishmael.')
    expect(heard.segments.every(({ timesEstimated }) => timesEstimated)).toBe(true)
  })
})

function quietly(): TranscribeOptions {
  return { job: jobInMemory(), signal: new AbortController().signal, onProgress: () => {} }
}
