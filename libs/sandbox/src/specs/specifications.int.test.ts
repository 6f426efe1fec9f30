import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createPartFromBase64, createPartFromUri, GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { CaptionType, RevAiApiClient } from 'revai-node-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { answerOfCase } from '../server/faults.ts'
import type { Provider, RouteName } from '../server/wire.ts'
import { toneWav } from '../testing/sounds.ts'
import { type Exchange, specifications } from './specifications.ts'

const SPECS = path.resolve(import.meta.dirname, '../../../../../shared/specs')
const SAID = 'Call me Ishmael. Some years ago I thought I would sail about a little.'
const Book = z.object({ title: z.string(), tags: z.array(z.string()) })

describe.skipIf(!existsSync(SPECS))('against the providers’ documents (needs ../shared/specs)', () => {
  let sandbox: Sandbox
  let specs: ReturnType<typeof specifications>
  const exchanges: Exchange[] = []

  beforeAll(async () => {
    specs = specifications(SPECS)
    sandbox = await startSandbox({
      knows: SAID,
      gemini: { processingPolls: 0 },
      onAnswer: (request, answer) => exchanges.push({ request, answer }),
    })
  })
  afterAll(() => sandbox.close())

  it.each([
    ['OpenAI', askOpenai],
    ['Rev.ai', askRevai],
    ['Gemini', askGemini],
  ])('what the %s SDK sends and what the sandbox answers is as documented', async (_, ask) => {
    exchanges.length = 0

    await ask(sandbox)

    expect(exchanges.length).toBeGreaterThan(9)
    expect(exchanges.flatMap(specs.check)).toEqual([])
  })

  it('tells what is not as documented', async () => {
    await new OpenAI({ apiKey: sandbox.keys.openai, baseURL: sandbox.openaiBaseUrl }).models.list()
    const last = exchanges.at(-1) as Exchange

    const invented = { ...last, answer: { ...last.answer, body: { object: 'list', models: [] } } }

    expect(specs.check(last)).toEqual([])
    expect(specs.check(invented).join()).toContain("must have required property 'data'")
    expect(specs.check(invented).join()).toContain('unevaluated')
  })

  const cases = existsSync(SPECS) ? listedCases() : []

  it('has 64 listed answers', () => {
    expect(cases).toHaveLength(64)
  })

  it.each(cases)('gives %s as it was listed', async (_, listed) => {
    const { route, request } = ROUTES[listed.provider as Provider] ?? ROUTES.openai
    sandbox.nextAnswer({ route, ...answerOfCase(listed) })

    const answer = await fetch(`${sandbox.url}${request}`)

    const text = typeof listed.body === 'string' ? listed.body : JSON.stringify(listed.body)
    expect(answer.status).toBe(listed.http_status)
    expect(await answer.text()).toBe(text)
    expect(Object.fromEntries(answer.headers)).toMatchObject(listed.headers)
  })

  function listedCases() {
    const list = JSON.parse(readFileSync(path.join(SPECS, 'samples/error-cases.json'), 'utf8')) as {
      provider: string
      case: string
      http_status: number
      headers: Record<string, string>
      body: unknown
    }[]
    return list.map((each) => [`${each.provider}, ${each.case}`, each] as const)
  }
})

/** A route of each that needs nothing but to be asked. */
const ROUTES: Record<Provider, { route: RouteName; request: string }> = {
  openai: { route: 'openai.models', request: '/openai/v1/models' },
  revai: { route: 'revai.account', request: '/revai/speechtotext/v1/account' },
  gemini: { route: 'gemini.models', request: '/gemini/v1/models' },
}

async function askOpenai({ keys, openaiBaseUrl: baseURL }: Sandbox): Promise<void> {
  const openai = new OpenAI({ apiKey: keys.openai, baseURL })
  const transcribe = (rest: object) =>
    openai.audio.transcriptions.create({ file: sound(), model: 'gpt-transcribe', ...rest })
  await transcribe({ language: 'en', prompt: 'Moby-Dick', temperature: 0 })
  await transcribe({ languages: ['en', 'de'], keywords: ['Ishmael'] })
  await transcribe({ model: 'gpt-4o-transcribe', response_format: 'json' })
  const granularities = ['word', 'segment']
  await transcribe({
    model: 'whisper-1',
    response_format: 'verbose_json',
    timestamp_granularities: granularities,
  })
  await openai.responses.parse({
    ...{
      model: 'gpt-6-luna',
      instructions: 'Describe it.',
      input: SAID,
      store: false,
      max_output_tokens: 2000,
    },
    ...{ text: { format: zodTextFormat(Book, 'book') }, reasoning: { effort: 'none' } },
  })
  await openai.responses.create({
    model: 'gpt-6-luna',
    input: [{ role: 'user', content: SAID }],
    max_output_tokens: 16,
  })
  await openai.chat.completions.parse({
    ...{ model: 'gpt-4.1-mini', messages: [{ role: 'user', content: SAID }], max_completion_tokens: 500 },
    response_format: zodResponseFormat(Book, 'book'),
  })
  await openai.embeddings.create({ model: 'text-embedding-3-small', input: [SAID, 'a'], dimensions: 256 })
  await openai.embeddings.create({ model: 'text-embedding-3-small', input: SAID, encoding_format: 'float' })
  await openai.models.list()
  await openai.models.retrieve('whisper-1')
  await openai.models.retrieve('gone').catch(() => {})
  await openai.embeddings.create({ model: 'text-embedding-3-small', input: '' }).catch(() => {})
  await new OpenAI({ apiKey: 'wrong', baseURL }).models.list().catch(() => {})
}

async function askRevai({ keys, revaiBaseUrl: baseUrl, revai: control }: Sandbox): Promise<void> {
  const client = (token: string) =>
    new RevAiApiClient({ token, deploymentConfig: { baseUrl, baseWebsocketUrl: 'ws://127.0.0.1:1' } })
  const revai = client(keys.revai)
  const uploaded = await revai.submitJobAudioData(toneWav(2), 'a.wav', {
    ...{ metadata: 'job', language: 'en', skip_diarization: true, delete_after_seconds: 60 },
    custom_vocabularies: [{ phrases: ['Ishmael'] }],
  })
  const addressed = await revai.submitJob({
    source_config: { url: 'http://127.0.0.1:1/none' },
    metadata: 'none',
  })
  await control.finish()
  await revai.getJobDetails(uploaded.id)
  await revai.getJobDetails(addressed.id)
  await revai.getListOfJobs(10)
  await revai.getTranscriptObject(uploaded.id)
  await revai.getTranscriptText(uploaded.id)
  await revai.getCaptions(uploaded.id, CaptionType.VTT)
  await revai.getAccount()
  await revai.getTranscriptObject(addressed.id).catch(() => {})
  await revai.deleteJob(uploaded.id)
  await revai.getJobDetails(uploaded.id).catch(() => {})
  await client('wrong')
    .getAccount()
    .catch(() => {})
}

async function askGemini({ keys, geminiBaseUrl: baseUrl }: Sandbox): Promise<void> {
  for (const apiVersion of ['v1', 'v1beta']) {
    const gemini = new GoogleGenAI({ apiKey: keys.gemini, apiVersion, httpOptions: { baseUrl } })
    const model = 'gemini-3.5-flash-lite'
    const inline = createPartFromBase64(toneWav(1).toString('base64'), 'audio/wav')
    await gemini.models.generateContent({
      model,
      contents: [inline, 'Transcribe.'],
      config: { maxOutputTokens: 2 },
    })
    const file = await gemini.files.upload({
      file: new Blob([toneWav(1)]),
      config: { mimeType: 'audio/wav', displayName: 'a' },
    })
    await gemini.models.generateContent({ model, contents: [createPartFromUri(file.uri ?? '', 'audio/wav')] })
    await gemini.models.generateContent({
      ...{ model, contents: SAID },
      config: {
        systemInstruction: 'Tag it.',
        temperature: 0,
        responseMimeType: 'application/json',
        responseJsonSchema: z.toJSONSchema(Book),
      },
    })
    await gemini.files.get({ name: file.name ?? '' })
    await gemini.files.list()
    await gemini.files.delete({ name: file.name ?? '' })
    const contents = [{ parts: [{ text: SAID }] }]
    await gemini.models.embedContent({
      model: 'gemini-embedding-2',
      contents,
      config: { outputDimensionality: 1536 },
    })
    await gemini.models.countTokens({ model, contents: SAID })
    await gemini.models.list()
    await gemini.models.get({ model })
    await gemini.models.get({ model: 'gone' }).catch(() => {})
  }
  const wrong = new GoogleGenAI({ apiKey: 'wrong', httpOptions: { baseUrl } })
  await wrong.models.list().catch(() => {})
}

function sound(): File {
  return new File([toneWav(2)], 'sound.wav', { type: 'audio/wav' })
}
