import { type ProvidersConfig, setupOf } from '@app/providers'
import { Secret } from '@app/runtime'
import { describe, expect, it } from 'vitest'
import { hearToEnd } from '../../testing/hear-to-end.ts'
import { jobInMemory } from '../../testing/job-in-memory.ts'
import { SPOKEN_TEXT, type SpeechSandbox, speechSandbox, testCalls } from '../../testing/speech-sandbox.ts'
import type { SpeechToText, TranscribeOptions } from '../port.ts'
import { describeRemoteSpeech, type RemoteProvider } from '../remote-speech.conformance.ts'
import { revAiClient } from './revai-client.ts'
import type { RevAiDeps } from './revai-deps.ts'
import { revAiSpeech } from './revai-speech.ts'

const problem = (status: number, title: string, more: object = {}) => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: { title, status, ...more },
})

function clientOf(config: ProvidersConfig) {
  const setup = setupOf(config, 'revai')
  return revAiClient({ token: setup?.key ?? new Secret(''), baseUrl: setup?.baseUrl ?? '' })
}

const revAi = (options: Partial<RevAiDeps> = {}): RemoteProvider => ({
  speech: (config, calls) => revAiSpeech({ client: clientOf(config), calls, model: 'machine', ...options }),
  route: 'revai.submit',
  keyVariable: 'REVAI_ACCESS_TOKEN',
  refusals: [
    ['throttling', problem(429, 'Too Many Requests'), ['RetryLaterError', 'rate-limited']],
    [
      'an account without access',
      problem(403, 'No permission'),
      ['ProviderStoppedError', 'provider-stopped'],
    ],
    [
      'parameters it does not know',
      problem(400, 'No', { parameters: { x: ['y'] } }),
      ['FatalError', 'request-refused'],
    ],
    [
      'a language it does not know',
      problem(400, 'No', { parameters: { language: ['x'] } }),
      ['FatalError', 'language-not-supported'],
    ],
    ['a file that is too large', problem(413, 'Too large'), ['FatalError', 'input-too-large']],
    [
      'overload',
      { status: 503, headers: { 'content-type': 'text/html' }, body: '' },
      ['RetryLaterError', 'provider-overloaded'],
    ],
    ['a gateway’s fault', { status: 502, body: '' }, ['RetryLaterError', 'submission-unclear']],
    ['an answer that is no JSON', { status: 200, body: '<html>' }, ['RetryLaterError', 'submission-unclear']],
  ],
  noAnswer: ['RetryLaterError', 'submission-unclear'],
})

describeRemoteSpeech('Rev.ai', revAi())

describe('a recording at Rev.ai is paid for once', () => {
  it('when the answer to the submit is lost', async () => {
    await using world = await speechSandbox()
    const speech = speechIn(world)
    const kept = new Map<string, string>()
    world.sandbox.nextAnswer({ route: 'revai.submit', cut: 'before' })

    const lost = runOf(world, speech, kept)

    await expect(lost).rejects.toMatchObject({ name: 'RetryLaterError', code: 'submission-unclear' })
    expect(textOf(await runToEnd(world, speech, kept))).toBe(SPOKEN_TEXT)
    expect(submits(world)).toHaveLength(1)
  })

  it('when the process is killed before it can write down what it has submitted', async () => {
    await using world = await speechSandbox()
    const speech = speechIn(world)
    const kept = new Map<string, string>()
    const job = jobInMemory(kept, JOB)
    const dying: typeof job.step = async (key, work) => {
      const value = await job.step(`${key} unkept ${Math.random()}`, work)
      if (key.startsWith('revai:submitted')) throw new Error('killed')
      return job.step(key, () => value)
    }

    const killed = speech.transcribe(await world.sound(speech), {
      ...quietly(kept),
      job: { ...job, step: dying },
    })

    await expect(killed).rejects.toThrow('killed')
    expect(textOf(await runToEnd(world, speech, kept))).toBe(SPOKEN_TEXT)
    expect(submits(world)).toHaveLength(1)
  })

  it('when the process is killed while Rev.ai is at work; and no sound is decoded to ask for it', async () => {
    await using world = await speechSandbox({ revai: { finish: 'by-hand' } })
    const speech = speechIn(world)
    const kept = new Map<string, string>()
    await expect(runOf(world, speech, kept)).rejects.toMatchObject({ code: 'transcript-pending' })

    await expect(speech.resume?.(quietly(kept))).rejects.toMatchObject({ code: 'transcript-pending' })
    await world.sandbox.revai.finish()
    const heard = await speech.resume?.(quietly(kept))

    expect(textOf(heard)).toBe(SPOKEN_TEXT)
    expect(heard).toMatchObject({ durationMs: 12_000, secondsBilled: 15, language: 'en' })
    expect(submits(world)).toHaveLength(1)
  })

  it('and asks for nothing while nothing was sent', async () => {
    await using world = await speechSandbox()

    expect(await speechIn(world).resume?.(quietly(new Map()))).toBeUndefined()

    expect(world.sandbox.requests).toEqual([])
  })

  it('and leaves a submission that may exist to no other provider while Rev.ai can not be asked', async () => {
    await using world = await speechSandbox()
    const speech = speechIn(world)
    const kept = new Map<string, string>()
    world.sandbox.nextAnswer({ route: 'revai.submit', cut: 'before' })
    await runOf(world, speech, kept).catch(() => {})
    world.sandbox.nextAnswer({ route: 'revai.jobs', ...problem(401, 'Authorization has been denied') })

    const stopped = runOf(world, speech, kept)

    await expect(stopped).rejects.toMatchObject({ name: 'RetryLaterError', code: 'submission-unclear' })
  })
})

describe('a job that Rev.ai fails', () => {
  it('is submitted again once, where that can help', async () => {
    await using world = await speechSandbox({ revai: { finish: 'by-hand' } })
    const speech = speechIn(world)
    const kept = new Map<string, string>()

    const first = await failedRun(world, speech, kept, 'internal_processing')
    const second = await failedRun(world, speech, kept, 'internal_processing')

    expect([first.name, second.name]).toEqual(['ProviderError', 'FatalError'])
    expect(submits(world)).toHaveLength(2)
    // Redriven by somebody who knows better.
    await runOf(world, speech, kept).catch(() => {})
    expect(submits(world)).toHaveLength(3)
  })

  it.each(['duration_exceeded', 'invalid_media', 'empty_media'] as const)(
    'is final for %s',
    async (failure) => {
      await using world = await speechSandbox({ revai: { finish: 'by-hand' } })

      const error = await failedRun(world, speechIn(world), new Map(), failure)

      expect(error.name).toBe('FatalError')
    },
  )

  it('for want of credit stops the provider, not the job, which goes there again', async () => {
    await using world = await speechSandbox({ revai: { finish: 'by-hand' } })
    const speech = speechIn(world)
    const kept = new Map<string, string>()

    const error = await failedRun(world, speech, kept, 'insufficient_balance')
    const again = runOf(world, speech, kept)

    expect(error.name).toBe('ProviderStoppedError')
    await expect(again).rejects.toMatchObject({ code: 'transcript-pending' })
    expect(submits(world)).toHaveLength(2)
  })

  it('for its vocabulary goes there again without one', async () => {
    await using world = await speechSandbox({ revai: { finish: 'by-hand' } })
    const speech = speechIn(world)
    const kept = new Map<string, string>()

    await failedRun(world, speech, kept, 'custom_vocabulary')
    await runOf(world, speech, kept).catch(() => {})

    const [first, second] = submits(world)
    expect(first).toMatchObject({ custom_vocabularies: [{ phrases: ['Herman Melville', 'Loomings'] }] })
    expect(second).not.toHaveProperty('custom_vocabularies')
  })

  it('because it was deleted there is final, until somebody redrives it', async () => {
    await using world = await speechSandbox({ revai: { finish: 'by-hand' } })
    const speech = speechIn(world)
    const kept = new Map<string, string>()
    await runOf(world, speech, kept).catch(() => {})
    world.sandbox.nextAnswer({ route: 'revai.job', ...problem(404, 'could not find job') })

    await expect(speech.resume?.(quietly(kept))).rejects.toMatchObject({ code: 'remote-job-gone' })

    await runOf(world, speech, kept).catch(() => {})
    expect(submits(world)).toHaveLength(2)
  })
})

describe('Rev.ai is told', () => {
  it('whose job it is, the language, where to call, and when to forget it', async () => {
    await using world = await speechSandbox({ revai: { finish: 'by-hand' } })
    const token = new Secret('of-the-webhook')
    const speech = speechIn(world, {
      notify: { url: 'http://127.0.0.1:1/webhooks/revai', token },
      deleteAfterSeconds: 86_400,
    })

    await runOf(world, speech, new Map(), { language: 'zh-CN' }).catch(() => {})

    expect(submits(world)).toEqual([
      {
        metadata: `scriptorium:${JOB}:1`,
        language: 'cmn',
        custom_vocabularies: [{ phrases: ['Herman Melville', 'Loomings'] }],
        notification_config: {
          url: 'http://127.0.0.1:1/webhooks/revai',
          auth_headers: { Authorization: 'Bearer of-the-webhook' },
        },
        delete_after_seconds: 86_400,
      },
    ])
  })

  it('an address in place of the sound, where it can reach our storage', async () => {
    await using world = await speechSandbox({ revai: { finish: 'by-hand' } })
    const speech = speechIn(world, { share: async () => 'https://storage.example/sound.ogg?signature=x' })

    await runOf(world, speech, new Map()).catch(() => {})

    const submit = world.sandbox.requests.find(({ route }) => route === 'revai.submit')
    expect(submit?.json).toMatchObject({
      source_config: { url: 'https://storage.example/sound.ogg?signature=x' },
    })
    expect(speech.capabilities.inputs).toEqual(['url', 'bytes'])
  })

  it('nothing, where the credit that is left is less than the sound', async () => {
    await using world = await speechSandbox({ revai: { balanceSeconds: 11 } })

    const refused = runOf(world, speechIn(world, { checksBalance: true }), new Map())

    await expect(refused).rejects.toMatchObject({ name: 'ProviderStoppedError' })
    expect(submits(world)).toEqual([])
  })
})

const JOB = 'b3bb189e-8bf9-4888-9912-ace4e6543002'

const speechIn = (world: SpeechSandbox, options: Partial<RevAiDeps> = {}): SpeechToText =>
  revAi(options).speech(world.config, testCalls(world.config))

function quietly(kept: Map<string, string>): TranscribeOptions {
  const vocabulary = ['Herman Melville', 'Chapter 1', 'Loomings']
  const { signal } = new AbortController()
  return { job: jobInMemory(kept, JOB), vocabulary, signal, onProgress: () => {} }
}

/** One run of the job, as its worker makes it. */
async function runOf(
  world: SpeechSandbox,
  speech: SpeechToText,
  kept: Map<string, string>,
  more: Partial<TranscribeOptions> = {},
) {
  const options = { ...quietly(kept), ...more }
  return (await speech.resume?.(options)) ?? (await speech.transcribe(await world.sound(speech), options))
}

const runToEnd = async (world: SpeechSandbox, speech: SpeechToText, kept: Map<string, string>) =>
  hearToEnd(speech, await world.sound(speech), quietly(kept))

/** The error of the run that learns that the remote job has failed. */
async function failedRun(
  world: SpeechSandbox,
  speech: SpeechToText,
  kept: Map<string, string>,
  failure: Parameters<SpeechSandbox['sandbox']['revai']['fail']>[1],
): Promise<Error> {
  await expect(runOf(world, speech, kept)).rejects.toMatchObject({ code: 'transcript-pending' })
  const remote = [...kept.entries()].filter(([key]) => key.startsWith('revai:submitted')).at(-1)?.[1]
  await world.sandbox.revai.fail((JSON.parse(remote ?? '{}') as { remoteId: string }).remoteId, failure)
  const thrown = await runOf(world, speech, kept).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(thrown instanceof Error)) throw new Error('the run did not fail')
  return thrown
}

/** The options of each submit that reached Rev.ai. */
const submits = ({ sandbox }: SpeechSandbox) =>
  sandbox.requests
    .filter(({ route }) => route === 'revai.submit')
    .map(({ fields, json }) => (json ?? JSON.parse(fields?.options?.[0] ?? '{}')) as object)

const textOf = (heard: { segments: readonly { text: string }[] } | undefined): string | undefined =>
  heard?.segments.map(({ text }) => text).join(' ')
