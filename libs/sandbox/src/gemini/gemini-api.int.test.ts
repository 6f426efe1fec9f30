import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ApiError, createPartFromBase64, createPartFromUri, GoogleGenAI } from '@google/genai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { toneFile, toneWav } from '../testing/sounds.ts'

const SAID = 'Call me Ishmael. Some years ago I thought I would sail about a little.'
const MODEL = 'gemini-3.5-flash-lite'

let directory: string
let sandbox: Sandbox

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gemini-api-'))
  sandbox = await startSandbox({ knows: SAID, gemini: { processingPolls: 2 } })
})
afterAll(async () => {
  await sandbox.close()
  await rm(directory, { recursive: true, force: true })
})

describe.each(['v1', 'v1beta'])('the Gemini SDK, unchanged, by %s', (apiVersion) => {
  it('transcribes the sound that is in the request', async () => {
    const answer = await client({ apiVersion }).models.generateContent({
      model: MODEL,
      contents: [spoken(), 'Transcribe this.'],
    })

    expect(answer.text).toBe(SAID)
    expect(answer.candidates?.[0]?.finishReason).toBe('STOP')
    expect(answer.usageMetadata?.promptTokensDetails).toContainEqual({ modality: 'AUDIO', tokenCount: 64 })
  })

  it('answers about a text under a JSON schema', async () => {
    const answer = await client({ apiVersion }).models.generateContent({
      model: MODEL,
      contents: `Tag this: <text>${SAID} Ishmael would sail.</text>`,
      config: { responseMimeType: 'application/json', responseJsonSchema: TAGS },
    })

    expect(JSON.parse(answer.text ?? '')).toMatchObject({ tags: expect.arrayContaining(['ishmael']) })
  })

  // Plain strings the SDK joins to one content for this model, and one vector.
  it('makes vectors of the length that was asked for', async () => {
    const { embeddings } = await client({ apiVersion }).models.embedContent({
      model: 'gemini-embedding-2',
      contents: ['a white whale', 'daisies'].map((text) => ({ parts: [{ text }] })),
      config: { outputDimensionality: 1536 },
    })

    expect(embeddings?.map(({ values }) => values?.length)).toEqual([1536, 1536])
  })

  it('lists models and shows one', async () => {
    const pager = await client({ apiVersion }).models.list()
    const one = await client({ apiVersion }).models.get({ model: MODEL })

    expect(pager.page.map(({ name }) => name)).toContain(`models/${MODEL}`)
    expect(one).toMatchObject({ name: `models/${MODEL}`, inputTokenLimit: 1_048_576 })
  })
})

describe('the Files API of the sandbox', () => {
  it('takes a file in chunks, processes it, and lets it be transcribed once it is active', async () => {
    const gemini = client()
    // More than one chunk of 8 MiB.
    const file = await toneFile(directory, 600)

    const uploaded = await gemini.files.upload({
      file,
      config: { mimeType: 'audio/wav', displayName: 'A chapter' },
    })
    const early = gemini.models.generateContent({ model: MODEL, contents: [partOf(uploaded)] })
    await expect(early).rejects.toThrow(/not in an ACTIVE state/)
    const states = [await stateOf(uploaded.name), await stateOf(uploaded.name), await stateOf(uploaded.name)]
    const answer = await gemini.models.generateContent({
      model: MODEL,
      contents: [partOf(uploaded), 'Transcribe.'],
    })

    expect(uploaded).toMatchObject({ state: 'PROCESSING', displayName: 'A chapter', sizeBytes: '9600044' })
    expect(states).toEqual(['PROCESSING', 'PROCESSING', 'ACTIVE'])
    expect(answer.text).toBe(SAID)
    expect(sandbox.requests.filter(({ route }) => route === 'gemini.upload-chunk')).toHaveLength(2)
  })

  it('forgets a file that was deleted', async () => {
    const { name = '' } = await client().files.upload({
      file: new Blob([toneWav(1)]),
      config: { mimeType: 'audio/wav' },
    })

    await client().files.delete({ name })

    await expect(client().files.get({ name })).rejects.toThrow(ApiError)
  })
})

describe('what Gemini refuses', () => {
  it('a wrong key, as 400', async () => {
    const asked = client({ apiKey: 'AIza-wrong' }).models.generateContent({ model: MODEL, contents: 'a' })

    await expect(asked).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('API_KEY_INVALID'),
    })
  })

  it('a model that is gone', async () => {
    const asked = client().models.generateContent({ model: 'gemini-1.0', contents: 'a' })

    await expect(asked).rejects.toMatchObject({ status: 404, message: expect.stringContaining('ListModels') })
  })

  it('sound that is none', async () => {
    const part = createPartFromBase64(Buffer.from('no sound').toString('base64'), 'audio/mp3')

    const asked = client().models.generateContent({ model: MODEL, contents: [part] })

    await expect(asked).rejects.toMatchObject({ status: 400 })
  })

  it('more than the output may have, in the middle', async () => {
    const answer = await client().models.generateContent({
      model: MODEL,
      contents: [spoken()],
      config: { maxOutputTokens: 4 },
    })

    expect(answer.candidates?.[0]?.finishReason).toBe('MAX_TOKENS')
    expect(SAID.startsWith(answer.text ?? '?')).toBe(true)
  })
})

it('times what was said where the schema asks for times', async () => {
  const segment = {
    type: 'object',
    properties: { start: { type: 'string' }, end: { type: 'string' }, text: { type: 'string' } },
  }
  const answer = await client().models.generateContent({
    model: MODEL,
    contents: [spoken(), 'Transcribe with times.'],
    config: {
      responseMimeType: 'application/json',
      responseJsonSchema: {
        type: 'object',
        properties: { language: { type: 'string' }, segments: { type: 'array', items: segment } },
      },
    },
  })

  expect(JSON.parse(answer.text ?? '')).toEqual({
    language: 'en',
    segments: [
      { start: '00:00', end: '00:00', text: 'Call me Ishmael.' },
      { start: '00:00', end: '00:01', text: 'Some years ago I thought I would sail about a little.' },
    ],
  })
})

const TAGS = {
  type: 'object',
  properties: { tags: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 3 } },
  required: ['tags'],
}

function client({ apiVersion, apiKey }: { apiVersion?: string; apiKey?: string } = {}): GoogleGenAI {
  const httpOptions = { baseUrl: sandbox.geminiBaseUrl }
  return new GoogleGenAI({
    apiKey: apiKey ?? sandbox.keys.gemini,
    httpOptions,
    ...(apiVersion ? { apiVersion } : {}),
  })
}

function spoken() {
  return createPartFromBase64(toneWav(2).toString('base64'), 'audio/wav')
}

function partOf({ uri = '', mimeType = '' }: { uri?: string; mimeType?: string }) {
  return createPartFromUri(uri, mimeType)
}

async function stateOf(name = '') {
  return (await client().files.get({ name })).state
}
