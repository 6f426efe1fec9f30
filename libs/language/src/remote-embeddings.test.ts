import {
  type AnswerCache,
  callsWithoutLimits,
  geminiClient,
  noCache,
  openaiClient,
  type ProviderCalls,
  providersConfig,
} from '@app/providers'
import { loadConfig } from '@app/runtime'
import { type Sandbox, startSandbox } from '@app/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeEmbeddings } from './embeddings.conformance.ts'
import { earlierEmbeddings, embeddingsConfig, embeddingsFrom } from './embeddings-from.ts'
import { geminiEmbeddings } from './gemini-embeddings.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox({ knows: '' })
  // The SDKs are loaded with the first client of theirs, which takes a busy machine longer than a test.
  openai()
  gemini()
}, 60_000)
afterAll(() => sandbox.close())

const configOf = (change: Record<string, string> = {}) =>
  loadConfig(
    { ...providersConfig, ...embeddingsConfig },
    {
      ...{ OPENAI_API_KEY: sandbox.keys.openai, OPENAI_BASE_URL: sandbox.openaiBaseUrl },
      ...{ GEMINI_API_KEY: sandbox.keys.gemini, GEMINI_BASE_URL: sandbox.geminiBaseUrl },
      ...change,
    },
  )

const openai = (
  model = 'text-embedding-3-small',
  { calls = callsWithoutLimits(), dimensions = 1_536 }: { calls?: ProviderCalls; dimensions?: number } = {},
) => openaiEmbeddings({ client: openaiClient(configOf()), calls, model, dimensions })

const gemini = (model = 'gemini-embedding-2', dimensions = 1_536, calls = callsWithoutLimits()) =>
  geminiEmbeddings({ client: geminiClient(configOf()), calls, model, dimensions })

const asking = { calls: callsWithoutLimits(), cache: noCache }

const document = () => ({ signal: new AbortController().signal, purpose: 'document' as const })

const sent = () => sandbox.requests.at(-1)?.json as Record<string, unknown>

describeEmbeddings('OpenAI', () => openai())
describeEmbeddings('Gemini', () => gemini())
describeEmbeddings('Gemini’s first generation', () => gemini('gemini-embedding-001'))

describe('openaiEmbeddings', () => {
  it.each([
    ['text-embedding-3-large', { dimensions: 1_536 }],
    ['nomic-embed-text', {}],
  ])('asks %s for a length where it can be', async (model, length) => {
    const embedding = Array(1_536).fill(1)
    const data = [{ object: 'embedding', index: 0, embedding }]
    sandbox.nextAnswer({ route: 'openai.embeddings', body: { object: 'list', data, model } })

    await openai(model).embedTexts(['a whale'], document())

    expect(sent()).toEqual({ model, input: ['a whale'], encoding_format: 'float', ...length })
  })

  it('sends no more at once than is taken', async () => {
    const vectors = await openai(undefined, { dimensions: 4 }).embedTexts(
      Array(2_100).fill('whale'),
      document(),
    )

    expect(vectors).toHaveLength(2_100)
    const sizes = sandbox.requests.slice(-2).map(({ json }) => (json as { input: string[] }).input.length)
    expect(sizes.toSorted()).toEqual([2_048, 52])
  })

  it.each([
    ['vectors of another length', [[1, 0]], { code: 'embedding-dimensions', name: 'FatalError' }],
    ['too few vectors', [], { message: expect.stringContaining('0 vectors for 1 texts') }],
    ['no numbers', [Array(1_536).fill('x')], { message: expect.stringContaining('a vector that is none') }],
  ])('refuses %s', async (_, vectors, expected) => {
    const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }))
    sandbox.nextAnswer({ route: 'openai.embeddings', body: { object: 'list', data, model: 'x' } })

    await expect(openai().embedTexts(['a whale'], document())).rejects.toMatchObject(expected)
  })

  it.each([
    [
      'a rate limit',
      { status: 429, body: { error: { message: 'slow', code: 'rate_limit_exceeded' } } },
      'rate-limited',
    ],
    ['a fault of theirs', { status: 500, body: '' }, 'provider-failed'],
    [
      'a wrong key',
      { status: 401, body: { error: { message: 'no', code: 'invalid_api_key' } } },
      'provider-stopped',
    ],
    ['a connection that breaks', { cut: 'middle' as const }, 'provider-unreachable'],
  ])('knows %s', async (_, trouble, code) => {
    sandbox.nextAnswer({ route: 'openai.embeddings', ...trouble })

    await expect(openai().embedTexts(['a whale'], document())).rejects.toMatchObject({ code })
  })

  it('says for whom it asks, and what was read', async () => {
    const seen: unknown[] = []
    const calls: ProviderCalls = {
      run: async (call, work) => {
        const answered = await work(call.signal)
        seen.push({ ...call, ...answered.usage })
        return answered.value
      },
    }

    await openai(undefined, { calls }).embedTexts(['a whale'], {
      ...document(),
      jobId: 'job',
      ownerId: 'owner',
    })

    const whose = { jobId: 'job', ownerId: 'owner', provider: 'openai', model: 'text-embedding-3-small' }
    expect(seen).toMatchObject([{ ...whose, operation: 'embed-document', inputTokens: expect.any(Number) }])
  })
})

describe('geminiEmbeddings', () => {
  it('tells each generation its task in its own way, a content for each text', async () => {
    await gemini().embedTexts(['a whale', 'a rabbit'], { ...document(), purpose: 'query' })
    const second = sent().requests as { content: { parts: object[] } }[]
    await gemini('gemini-embedding-001').embedTexts(['a whale'], document())
    const first = sent().requests as object[]

    expect(second.map(({ content }) => content.parts)).toEqual([
      [{ text: 'task: search result | query: a whale' }],
      [{ text: 'task: search result | query: a rabbit' }],
    ])
    expect(first).toMatchObject([
      {
        content: { parts: [{ text: 'a whale' }] },
        taskType: 'RETRIEVAL_DOCUMENT',
        outputDimensionality: 1_536,
      },
    ])
  })

  it('says what was read, as the answer counts it where it does', async () => {
    const used: unknown[] = []
    const calls: ProviderCalls = {
      run: async (call, work) => {
        const { value, usage } = await work(call.signal)
        used.push(usage)
        return value
      },
    }
    const embeddings = [{ values: [1, 0] }]
    const [counting, plain] = [{ embeddings, usageMetadata: { promptTokenCount: 7 } }, { embeddings }]

    for (const body of [counting, plain]) {
      sandbox.nextAnswer({ route: 'gemini.embed', body })
      await gemini(undefined, 2, calls).embedTexts(['a white whale'], document())
    }

    expect(used).toEqual([{ inputTokens: 7 }, { inputTokens: 9 }])
  })

  it('takes Chinese for as many tokens as it has, where the answer counts none', async () => {
    const used: (number | undefined)[] = []
    const calls: ProviderCalls = {
      run: async (call, work) => {
        const { value, usage } = await work(call.signal)
        used.push(usage?.inputTokens)
        return value
      },
    }
    sandbox.nextAnswer({ route: 'gemini.embed', body: { embeddings: [{ values: [1, 0] }] } })

    await gemini('gemini-embedding-001', 2, calls).embedTexts(
      ['从前有一个国王，他有一座花园。'.repeat(10)],
      document(),
    )

    expect(used[0]).toBeGreaterThan(100)
    expect(used[0]).toBeLessThan(160)
  })

  it('sends a hundred at once', async () => {
    expect(await gemini(undefined, 128).embedTexts(Array(101).fill('a whale'), document())).toHaveLength(101)
  })
})

describe('embeddingsFrom', () => {
  it.each([
    ['openai first', {}, { provider: 'openai', model: 'text-embedding-3-small', dimensions: 1_536 }],
    [
      'gemini where openai is not configured',
      { OPENAI_API_KEY: '', OPENAI_BASE_URL: '' },
      { provider: 'gemini', model: 'gemini-embedding-2' },
    ],
    [
      'what is named',
      {
        EMBEDDINGS_PROVIDER: 'gemini',
        GEMINI_EMBEDDING_MODEL: 'gemini-embedding-001',
        EMBEDDING_DIMENSIONS: '768',
      },
      { model: 'gemini-embedding-001', dimensions: 768 },
    ],
    ['this machine where that is named', { EMBEDDINGS_PROVIDER: 'local' }, { provider: 'local' }],
  ])('takes %s', (_, change, expected) => {
    expect(embeddingsFrom(configOf(change), asking)).toMatchObject(expected)
  })

  it('takes this machine where nothing is configured', () => {
    const config = loadConfig({ ...providersConfig, ...embeddingsConfig }, {})

    expect(embeddingsFrom(config, asking)).toMatchObject({ provider: 'local' })
  })

  it('refuses a provider that is named without its key', () => {
    const config = loadConfig({ ...providersConfig, ...embeddingsConfig }, { EMBEDDINGS_PROVIDER: 'gemini' })

    expect(() => embeddingsFrom(config, asking)).toThrow('GEMINI_API_KEY')
  })
})

describe('queries', () => {
  const query = () => ({ signal: new AbortController().signal, purpose: 'query' as const })

  it('are paid for once, however often they are asked, by each model; passages each time', async () => {
    const kept = new Map<string, unknown>()
    const cache: AnswerCache = {
      async cached({ kind, key, schema }, make) {
        const name = JSON.stringify([kind, key])
        if (!kept.has(name)) kept.set(name, await make())
        return schema.parse(kept.get(name))
      },
    }
    const current = embeddingsFrom(configOf(), { ...asking, cache })
    const before = sandbox.requests.length

    const [first] = await current.embedTexts(['a white whale'], query())
    const [again] = await current.embedTexts(['a white whale'], query())
    const [shorter] = await embeddingsFrom(configOf({ EMBEDDING_DIMENSIONS: '256' }), {
      ...asking,
      cache,
    }).embedTexts(['a white whale'], query())
    const asked = sandbox.requests.length - before
    for (const _ of [1, 2]) await current.embedTexts(['a white whale'], document())

    expect(again).toEqual(first)
    expect(shorter).toHaveLength(256)
    expect(asked).toBe(2)
    expect(sandbox.requests).toHaveLength(before + 4)
  })

  it('say that somebody waits for them, and passages do not', async () => {
    const awaited: unknown[] = []
    const calls: ProviderCalls = {
      run: async (call, work) => {
        awaited.push([call.operation, call.isAwaited, call.timeoutMs])
        return (await work(call.signal)).value
      },
    }

    for (const embeddings of [openai(undefined, { calls }), gemini(undefined, undefined, calls)]) {
      await embeddings.embedTexts(['a whale'], query())
      await embeddings.embedTexts(['a whale'], document())
    }

    const each = [
      ['embed-query', true, 10_000],
      ['embed-document', false, 120_000],
    ]
    expect(awaited).toEqual([...each, ...each])
  })
})

describe('earlierEmbeddings', () => {
  const earlier = (model: { provider: string; model: string; dimensions: number }, change = {}) =>
    earlierEmbeddings(configOf(change), asking, model)

  it('is any model of a provider that is configured still, in its own length', () => {
    const small = { provider: 'openai', model: 'text-embedding-3-large', dimensions: 256 }

    expect(earlier(small)).toMatchObject(small)
    expect(earlier(small, { OPENAI_API_KEY: '', OPENAI_BASE_URL: '' })).toBeUndefined()
  })

  it('is ours, as long as it counts as it did', () => {
    const ours = { provider: 'local', model: 'lexical-hash-1024-1', dimensions: 1_024 }

    expect(earlier(ours)).toMatchObject(ours)
    expect(earlier({ ...ours, model: 'lexical-hash-512-0' })).toBeUndefined()
  })
})
