import { geminiClient } from '@app/providers'
import { describe, expect, it } from 'vitest'
import { hearToEnd } from '../../testing/hear-to-end.ts'
import { jobInMemory } from '../../testing/job-in-memory.ts'
import { SPOKEN_TEXT, speechSandbox, testCalls } from '../../testing/speech-sandbox.ts'
import type { TranscribeOptions } from '../port.ts'
import {
  describeRemotePort,
  describeRemoteSpeech,
  type RemoteProvider,
} from '../remote-speech.conformance.ts'
import { type GeminiSpeechOptions, geminiSpeech } from './gemini-speech.ts'

const MODEL = 'gemini-3.5-flash-lite'

const error = (code: number, status: string, message: string, details: object[] = []) => ({
  status: code,
  body: { error: { code, status, message, details } },
})

const candidate = (finishReason: string, text = '') => ({
  status: 200,
  body: {
    candidates: [{ content: { role: 'model', parts: text ? [{ text }] : [] }, finishReason, index: 0 }],
  },
})

const quota = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId }],
})

const gemini = (options: Partial<GeminiSpeechOptions> = {}): RemoteProvider => ({
  speech: (config, calls) =>
    geminiSpeech({
      clientFor: (signal) => geminiClient(config, signal),
      calls,
      model: MODEL,
      pollMs: 1,
      ...options,
    }),
  route: 'gemini.generate',
  keyVariable: 'GEMINI_API_KEY',
  refusals: [
    [
      'a minute’s quota',
      error(429, 'RESOURCE_EXHAUSTED', 'quota', [quota('GenerateRequestsPerMinutePerProject')]),
      ['RetryLaterError', 'rate-limited'],
    ],
    [
      'a day’s quota',
      error(429, 'RESOURCE_EXHAUSTED', 'quota', [quota('GenerateRequestsPerDayPerProject')]),
      ['ProviderStoppedError', 'provider-stopped'],
    ],
    [
      'a model that ended',
      error(404, 'NOT_FOUND', 'is not found'),
      ['ProviderStoppedError', 'provider-stopped'],
    ],
    ['a broken argument', error(400, 'INVALID_ARGUMENT', 'no'), ['FatalError', 'request-refused']],
    ['overload', error(503, 'UNAVAILABLE', 'overloaded'), ['RetryLaterError', 'provider-overloaded']],
    ['a fault of its own', error(500, 'INTERNAL', 'oh'), ['ProviderError', 'provider-failed']],
    [
      'a blocked prompt',
      { status: 200, body: { promptFeedback: { blockReason: 'SAFETY' } } },
      ['FatalError', 'content-refused'],
    ],
    ['a blocked answer', candidate('PROHIBITED_CONTENT'), ['FatalError', 'content-refused']],
    ['a reason that nobody knew', candidate('CONTINUATION', '{'), ['ProviderError', 'answer-unreadable']],
    ['an answer that is no JSON', candidate('STOP', 'I heard'), ['ProviderError', 'answer-unreadable']],
    [
      'an answer that is cut off twice',
      { ...candidate('MAX_TOKENS', '{"language":"en","segm'), times: 2 },
      ['FatalError', 'answer-cut-off'],
    ],
  ],
  noAnswer: ['ProviderError', 'provider-timeout'],
})

describeRemoteSpeech('Gemini, with sound in the request', gemini())
describeRemotePort('Gemini, with sound in a file', gemini({ mostInlineBytes: 0 }))

describe('Gemini', () => {
  it('uploads large sound, waits until it may be used, and removes it', async () => {
    await using world = await speechSandbox({ gemini: { processingPolls: 2 } })
    const speech = gemini({ mostInlineBytes: 0 }).speech(world.config, testCalls(world.config))

    await hearToEnd(speech, await world.sound(speech), quietly())

    expect(world.sandbox.requests.map(({ route }) => route)).toEqual([
      ...['gemini.upload', 'gemini.upload-chunk', 'gemini.file', 'gemini.file', 'gemini.file'],
      ...['gemini.generate', 'gemini.delete-file'],
    ])
  })

  it('removes what it has uploaded when it is stopped while it listens', async () => {
    await using world = await speechSandbox()
    const speech = gemini({ mostInlineBytes: 0 }).speech(world.config, testCalls(world.config))
    const listening = world.sandbox.nextAnswer({ route: 'gemini.generate', until: new Promise(() => {}) })
    const abort = new AbortController()

    const heard = hearToEnd(speech, await world.sound(speech), { ...quietly(), signal: abort.signal })
    await listening.asked
    abort.abort(new Error('cancelled'))

    await expect(heard).rejects.toThrow('cancelled')
    expect(world.sandbox.requests.at(-1)).toMatchObject({ route: 'gemini.delete-file', status: 200 })
  })

  it('hangs up in the middle of an upload', async () => {
    await using world = await speechSandbox()
    const speech = gemini({ mostInlineBytes: 0 }).speech(world.config, testCalls(world.config))
    const uploading = world.sandbox.nextAnswer({ route: 'gemini.upload-chunk', until: new Promise(() => {}) })
    const abort = new AbortController()

    const heard = hearToEnd(speech, await world.sound(speech), { ...quietly(), signal: abort.signal })
    await uploading.asked
    abort.abort(new Error('cancelled'))

    await expect(heard).rejects.toThrow('cancelled')
    expect(await uploading.over).toBe('hung up')
  })

  it('does not listen to a file that Gemini could not read', async () => {
    await using world = await speechSandbox()
    const speech = gemini({ mostInlineBytes: 0 }).speech(world.config, testCalls(world.config))
    const body = { name: 'files/x', state: 'FAILED', uri: 'https://gemini.example/files/x' }
    world.sandbox.nextAnswer({ route: 'gemini.file', status: 200, body })

    const heard = hearToEnd(speech, await world.sound(speech), quietly())

    await expect(heard).rejects.toMatchObject({ name: 'FatalError', code: 'audio-format-refused' })
  })

  it.each(['RECITATION', 'MAX_TOKENS'])('asks once more, less coolly, after %s', async (reason) => {
    await using world = await speechSandbox()
    const speech = gemini().speech(world.config, testCalls(world.config))
    world.sandbox.nextAnswer({ route: 'gemini.generate', ...candidate(reason) })

    const { segments } = await hearToEnd(speech, await world.sound(speech), quietly())

    expect(segments.map(({ text }) => text).join(' ')).toBe(SPOKEN_TEXT)
    const temperatures = world.sandbox.requests.map(
      ({ json }) => (json as { generationConfig: { temperature: number } }).generationConfig.temperature,
    )
    expect(temperatures).toEqual([0, 0.5])
  })

  it('says what it cost, by the tokens that were used', async () => {
    await using world = await speechSandbox()
    const speech = gemini().speech(world.config, testCalls(world.config))

    const { costUsd = 0 } = await hearToEnd(speech, await world.sound(speech), quietly())

    // 12 s are 384 tokens of sound, at 0.30 USD a million, and some more of text.
    expect(costUsd).toBeGreaterThan((384 * 0.3) / 1e6)
    expect(costUsd).toBeLessThan(0.002)
  })
})

function quietly(): TranscribeOptions {
  return { job: jobInMemory(), signal: new AbortController().signal, onProgress: () => {} }
}
