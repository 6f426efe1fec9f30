import OpenAI, {
  APIConnectionError,
  APIConnectionTimeoutError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  RateLimitError,
} from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { toneWav } from '../testing/sounds.ts'

const SAID =
  'Call me Ishmael. Some years ago I thought I would sail about a little and see the watery part of the world.'
const WORDS = SAID.split(' ')

let sandbox: Sandbox
let openai: OpenAI

beforeAll(async () => {
  sandbox = await startSandbox({ knows: SAID })
  openai = client()
})
afterAll(() => sandbox.close())

describe('the OpenAI SDK, unchanged, against the sandbox', () => {
  it('gets words and segments with times of whisper-1', async () => {
    const heard = await openai.audio.transcriptions.create({
      file: sound(4),
      model: 'whisper-1',
      response_format: 'verbose_json',
      timestamp_granularities: ['word', 'segment'],
    })

    expect(heard).toMatchObject({
      text: SAID,
      language: 'english',
      duration: 4,
      usage: { type: 'duration', seconds: 4 },
    })
    expect(heard.words).toHaveLength(WORDS.length)
    expect(heard.words?.every(({ start, end }) => start >= 0 && end >= start && end <= 4)).toBe(true)
    expect(heard.segments?.map(({ text }) => text).join('')).toBe(` ${SAID}`)
  })

  it('gets no segments of whisper-1 where only words were asked for', async () => {
    const heard = await openai.audio.transcriptions.create({
      file: sound(4),
      model: 'whisper-1',
      response_format: 'verbose_json',
      timestamp_granularities: ['word'],
    })

    expect(heard.words).not.toHaveLength(0)
    expect(heard.segments).toBeUndefined()
  })

  it('gets text, languages and usage of gpt-transcribe, and no times', async () => {
    const heard = await openai.audio.transcriptions.create({
      file: sound(4),
      model: 'gpt-transcribe',
      response_format: 'json',
    })

    expect(heard).toEqual({
      text: SAID,
      languages: [{ code: 'en' }],
      usage: { type: 'duration', seconds: 4 },
    })
  })

  it('gets subtitles of whisper-1', async () => {
    const vtt = await openai.audio.transcriptions.create({
      file: sound(4),
      model: 'whisper-1',
      response_format: 'vtt',
    })

    expect(vtt).toMatch(/^WEBVTT\n\n00:00:00\.100 --> /)
  })

  it.each([
    [
      'words with times of a model that has none',
      { model: 'gpt-transcribe', response_format: 'verbose_json' as const },
      'unsupported_value',
    ],
    [
      'granularities without verbose_json',
      { model: 'whisper-1', timestamp_granularities: ['word' as const] },
      'invalid_value',
    ],
  ])('is refused %s', async (_, wrong, code) => {
    const asked = openai.audio.transcriptions.create({ file: sound(4), ...wrong } as never)

    await expect(asked).rejects.toMatchObject({ status: 400, code })
  })

  it.each([
    [
      '1401 s',
      new File([toneWav(1401, { sampleRate: 400 })], 'a.wav'),
      { status: 400, code: 'invalid_value' },
    ],
    ['25 MB and a byte', new File([Buffer.alloc(25 * 1024 ** 2 + 1)], 'a.wav'), { status: 413 }],
    ['50 ms', new File([toneWav(0.05)], 'a.wav'), { status: 400, code: 'audio_too_short' }],
    ['an extension that is no sound’s', new File([toneWav(1)], 'a.txt'), { status: 400, code: null }],
    ['bytes that are no sound', new File(['hello'], 'a.mp3'), { status: 400, code: null }],
  ])('is refused %s', async (_, file, error) => {
    const asked = openai.audio.transcriptions.create({ file, model: 'gpt-transcribe' })

    await expect(asked).rejects.toMatchObject(error)
  })

  it('gets answers under a schema, of the words it sent, by Responses', async () => {
    const format = zodTextFormat(Book, 'book')

    const answer = await openai.responses.parse({
      model: 'gpt-6-luna',
      input: TEXT,
      text: { format },
      store: false,
    })

    expect(answer.status).toBe('completed')
    expect(Book.parse(answer.output_parsed).tags).toContain('whale')
    expect(answer.usage?.total_tokens).toBeGreaterThan(0)
  })

  it('gets answers under a schema by Chat Completions', async () => {
    const answer = await openai.chat.completions.parse({
      model: 'gpt-4.1-mini',
      messages: [
        { role: 'system', content: 'Describe the book.' },
        { role: 'user', content: TEXT },
      ],
      response_format: zodResponseFormat(Book, 'book'),
    })

    expect(Book.parse(answer.choices[0]?.message.parsed).tags).toContain('whale')
  })

  it('is told where an answer was cut off', async () => {
    const answer = await openai.responses.create({ model: 'gpt-6-luna', input: TEXT, max_output_tokens: 16 })

    expect(answer).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    })
  })

  it('gets vectors that are near where words are shared', async () => {
    const { data } = await openai.embeddings.create({
      model: 'text-embedding-3-small',
      input: ['a white whale', 'the whale was white', 'daisies in a garden'],
      dimensions: 256,
    })

    const [whale, white, daisies] = data.map(({ embedding }) => embedding)
    expect(whale).toHaveLength(256)
    expect(dot(whale, white)).toBeGreaterThan(dot(whale, daisies) + 0.3)
  })

  it('gets the same vectors as floats', async () => {
    const ask = { model: 'text-embedding-3-small', input: 'a white whale' }

    const [base64, float] = await Promise.all([
      openai.embeddings.create(ask),
      openai.embeddings.create({ ...ask, encoding_format: 'float' }),
    ])

    expect(base64.data[0]?.embedding).toHaveLength(1536)
    expect(base64.data[0]?.embedding).toEqual(float.data[0]?.embedding)
  })

  it.each([
    ['an empty text', ['']],
    ['8,193 tokens', ['word '.repeat(8193)]],
    ['2,049 texts', Array(2049).fill('a')],
  ])('is refused a vector of %s', async (_, input) => {
    await expect(openai.embeddings.create({ model: 'text-embedding-3-small', input })).rejects.toThrow(
      BadRequestError,
    )
  })

  it('is told on which day a model ends', async () => {
    const { data } = await openai.models.list()

    const ends = Object.fromEntries(
      data.map((model) => [model.id, (model as { shutdown_date?: unknown }).shutdown_date]),
    )
    expect(ends).toMatchObject({ 'gpt-6-luna': null, 'whisper-1': '2027-02-26' })
  })

  it('is told that a model is gone', async () => {
    const asked = openai.responses.create({ model: 'gpt-3', input: 'hello' })

    await expect(asked).rejects.toThrow(NotFoundError)
    await expect(openai.models.retrieve('gpt-3')).rejects.toMatchObject({ code: 'model_not_found' })
  })

  it('is refused with a wrong key, in OpenAI’s words', async () => {
    const asked = client({ apiKey: 'sk-wrong' }).models.list()

    await expect(asked).rejects.toThrow(AuthenticationError)
    await expect(asked).rejects.toMatchObject({
      code: 'invalid_api_key',
      requestID: expect.stringMatching(/^req_/),
    })
  })

  it('meets its limit of requests, with headers that say when to come again', async () => {
    await using narrow = await startSandbox({ knows: SAID, openai: { requestsPerMinute: 1 } })
    const ask = { model: 'text-embedding-3-small', input: 'a' }
    const few = client({ baseURL: narrow.openaiBaseUrl, apiKey: narrow.keys.openai, maxRetries: 0 })
    const { response } = await few.embeddings.create(ask).withResponse()

    const refused = await few.embeddings.create(ask).catch((error: unknown) => error)

    expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('0')
    expect(refused).toBeInstanceOf(RateLimitError)
    expect(Number((refused as RateLimitError).headers?.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('a planned answer', () => {
  const ask = { model: 'text-embedding-3-small', input: 'a' }

  it('stands in once, and the SDK’s own retry gets the real one', async () => {
    const planned = sandbox.nextAnswer({
      route: 'openai.embeddings',
      status: 429,
      headers: { 'retry-after-ms': '1' },
      body: {},
    })

    const { data } = await openai.embeddings.create(ask)

    expect(data).toHaveLength(1)
    expect(await planned.asked).toMatchObject({
      route: 'openai.embeddings',
      json: { input: 'a' },
      status: 429,
    })
  })

  it.each(['before', 'middle'] as const)('hangs up %s the answer', async (cut) => {
    sandbox.nextAnswer({ route: 'openai.embeddings', cut })

    const asked = client({ maxRetries: 0 }).embeddings.create(ask)

    await expect(asked).rejects.toThrow(cut === 'before' ? APIConnectionError : /terminated|aborted|JSON/i)
  })

  it('is broken JSON where that was planned', async () => {
    sandbox.nextAnswer({
      route: 'openai.responses',
      headers: { 'content-type': 'application/json' },
      body: '{"id":',
    })

    await expect(openai.responses.create({ model: 'gpt-6-luna', input: 'a' })).rejects.toThrow(/JSON/)
  })

  it('waits for its signal, and knows when the client has hung up', async () => {
    const abort = new AbortController()
    const planned = sandbox.nextAnswer({ route: 'openai.embeddings', until: new Promise(() => {}) })
    const asked = openai.embeddings.create(ask, { signal: abort.signal })
    asked.catch(() => {})
    await planned.asked

    abort.abort()

    await expect(asked).rejects.toThrow(/abort/i)
    expect(await planned.over).toBe('hung up')
  })

  it('comes too late for a client that does not wait as long', async () => {
    await using slow = await startSandbox({ knows: SAID, answerAfterMs: () => 600_000 })
    sandbox.nextAnswer({ route: 'openai.embeddings', delayMs: 600_000 })
    const impatient = { maxRetries: 0, timeout: 20 }

    const delayed = client(impatient).embeddings.create(ask)
    const late = client({
      ...impatient,
      baseURL: slow.openaiBaseUrl,
      apiKey: slow.keys.openai,
    }).embeddings.create(ask)

    await expect(delayed).rejects.toThrow(APIConnectionTimeoutError)
    await expect(late).rejects.toThrow(APIConnectionTimeoutError)
  })

  it('keeps no key in what it remembers of a request', async () => {
    await openai.embeddings.create(ask)

    expect(JSON.stringify(sandbox.requests)).not.toContain(sandbox.keys.openai)
    expect(sandbox.requests.at(-1)?.headers.authorization).toBe('[key]')
  })
})

const Book = z.object({
  title: z.string(),
  summary: z.string(),
  tags: z.array(z.string()).min(3).max(10),
  sentiment: z.enum(['positive', 'neutral', 'negative']),
  rating: z.number().min(1).max(5).nullable(),
})

const TEXT =
  'Describe this: <transcript>The whale was seen off the coast of Nantucket by every sailor. The captain had lost his leg to ' +
  'the white whale. He would follow the white whale around the world, and every sailor with him.</transcript>'

function client(
  options: { apiKey?: string; baseURL?: string; maxRetries?: number; timeout?: number } = {},
): OpenAI {
  return new OpenAI({ apiKey: sandbox.keys.openai, baseURL: sandbox.openaiBaseUrl, ...options })
}

function sound(seconds: number): File {
  return new File([toneWav(seconds)], 'sound.wav', { type: 'audio/wav' })
}

function dot(a: readonly number[] = [], b: readonly number[] = []): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)
}
