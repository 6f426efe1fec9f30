import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { FatalError, loadConfig, PutOffError, RetryLaterError } from '@app/runtime'
import { answerOfCase, type RouteName, startSandbox } from '@app/sandbox'
import { RevAiApiClient } from 'revai-node-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callsWithoutLimits } from './calls-without-limits.ts'
import { geminiClient, openaiClient } from './clients.ts'
import { ProviderError } from './errors.ts'
import { ProviderAnswerError, type ProviderFailure } from './failure.ts'
import { geminiAnswerFailure } from './failures/gemini-failure.ts'
import { openaiAnswerFailure } from './failures/openai-failure.ts'
import { revaiJobFailure } from './failures/revai-failure.ts'
import { type ProviderName, providersConfig } from './providers-config.ts'

const LISTED = path.resolve(import.meta.dirname, '../../../../shared/specs/samples/error-cases.json')
const OURS = ['openai', 'gemini', 'revai']

interface Case {
  provider: ProviderName
  case: string
  http_status: number
  headers?: Record<string, string>
  body?: unknown
}

const listed = existsSync(LISTED) ? (JSON.parse(readFileSync(LISTED, 'utf8')) as Case[]) : []
const cases = listed.filter(({ provider }) => OURS.includes(provider))

/** What a job that meets the answer comes to: its class, its code, and when it comes back. */
const EXPECTED: Record<string, string> = {
  'openai rate limit': 'later rate-limited 1000',
  'openai slow down': 'later rate-limited 30000',
  'openai quota gone': 'stopped provider:openai',
  'openai credit gone': 'stopped provider:openai',
  'openai overloaded': 'later provider-overloaded 20000',
  'openai server error': 'again provider-failed',
  'openai bad key': 'stopped provider:openai',
  'openai model gone': 'stopped provider:openai/a-model',
  'openai too long': 'never audio-too-long',
  'openai too big': 'never input-too-large',
  'openai bad format': 'never audio-format-refused',
  'openai too short': 'never audio-too-short',
  'openai context length': 'never input-too-long',
  'openai refusal': 'never content-refused',
  'openai cut off': 'never answer-cut-off',
  'openai responses incomplete': 'never answer-cut-off',
  'openai gateway html': 'again provider-failed',
  'gemini per-minute quota': 'later rate-limited 34000',
  'gemini per-day quota': 'stopped provider:gemini/a-model',
  'gemini 429 without details': 'later rate-limited 30000',
  'gemini overloaded': 'later provider-overloaded 20000',
  'gemini internal': 'again provider-failed',
  'gemini deadline': 'again provider-failed',
  'gemini bad key': 'stopped provider:gemini',
  'gemini too many tokens': 'never input-too-long',
  'gemini model gone': 'stopped provider:gemini/a-model',
  'gemini file not active': 'later remote-file-not-ready 5000',
  'gemini prompt blocked': 'never content-refused',
  'gemini safety stop': 'never content-refused',
  'gemini recitation': 'never answer-recitation',
  'gemini thinking ate the budget': 'never answer-cut-off',
  'revai bad parameters': 'never request-refused',
  'revai bad token': 'stopped provider:revai',
  'revai wrong deployment': 'stopped provider:revai',
  'revai no such job': 'never remote-job-gone',
  'revai not ready': 'later remote-job-not-ready 15000',
  'revai too big': 'never input-too-large',
  'revai throttled': 'later rate-limited 30000',
  'revai gateway 502': 'again provider-failed',
  'revai gateway 503': 'later provider-overloaded 20000',
  'revai gateway 504': 'again provider-failed',
  'revai job failed: internal_processing': 'again remote-job-failed',
  'revai job failed: download_failure': 'again remote-download-failed',
  'revai job failed: duration_exceeded': 'never audio-too-long',
  'revai job failed: duration_too_short': 'never audio-too-short',
  'revai job failed: invalid_media': 'never audio-format-refused',
  'revai job failed: empty_media': 'never audio-empty',
  'revai job failed: transcription': 'again remote-job-failed',
  'revai job failed: insufficient_balance': 'stopped provider:revai',
  'revai job failed: invoicing_limit_exceeded': 'stopped provider:revai',
  'revai job failed: custom_vocabulary': 'never request-refused',
}

describe.skipIf(listed.length === 0)('the listed answers of providers (needs ../shared/specs)', () => {
  let sandbox: Awaited<ReturnType<typeof startSandbox>>
  beforeAll(async () => {
    sandbox = await startSandbox({ knows: 'nothing' })
  })
  afterAll(() => sandbox.close())

  it('are all met here', () => {
    expect(cases.map(({ provider, case: name }) => `${provider} ${name}`)).toEqual(Object.keys(EXPECTED))
  })

  it.each(cases.map((listedCase) => [`${listedCase.provider} ${listedCase.case}`, listedCase] as const))(
    '%s',
    async (name, { provider, ...listedCase }) => {
      const [route, ask] = askFor(provider, listedCase.case, sandbox)
      sandbox.nextAnswer({ route, ...answerOfCase(listedCase) })

      const call = { provider, model: 'a-model', operation: 'test', timeoutMs: 5_000 }
      const thrown = await callsWithoutLimits()
        .run({ ...call, signal: new AbortController().signal }, ask)
        .then(
          () => new Error('nothing was thrown'),
          (error: unknown) => error,
        )

      expect(comesTo(thrown)).toBe(EXPECTED[name])
      expect((thrown as Error).message).toMatch(/^\S.{15,}$/)
    },
  )
})

type Sandbox = Awaited<ReturnType<typeof startSandbox>>
type Asked = [RouteName, (signal: AbortSignal) => Promise<{ value: unknown }>]

function askFor(provider: ProviderName, name: string, sandbox: Sandbox): Asked {
  if (provider === 'openai') return askOpenai(name, sandbox)
  return provider === 'gemini' ? askGemini(sandbox) : askRevai(name, sandbox)
}

function askOpenai(name: string, { keys, openaiBaseUrl }: Sandbox): Asked {
  const openai = openaiClient(
    loadConfig(providersConfig, { OPENAI_API_KEY: keys.openai, OPENAI_BASE_URL: openaiBaseUrl }),
  )
  if (['too long', 'too big', 'bad format', 'too short'].includes(name)) {
    const file = new File([new Uint8Array(100)], 'sound.wav', { type: 'audio/wav' })
    return [
      'openai.transcriptions',
      async (signal) => ({
        value: await openai.audio.transcriptions.create({ file, model: 'm' }, { signal }),
      }),
    ]
  }
  if (name === 'responses incomplete') {
    return [
      'openai.responses',
      async (signal) =>
        orFailure(await openai.responses.create({ model: 'm', input: 'x' }, { signal }), openaiAnswerFailure),
    ]
  }
  const messages = [{ role: 'user' as const, content: 'x' }]
  return [
    'openai.chat',
    async (signal) =>
      orFailure(
        await openai.chat.completions.create({ model: 'm', messages }, { signal }),
        openaiAnswerFailure,
      ),
  ]
}

function askGemini({ keys, geminiBaseUrl }: Sandbox): Asked {
  const config = { GEMINI_API_KEY: keys.gemini, GEMINI_BASE_URL: geminiBaseUrl }
  const { models } = geminiClient(loadConfig(providersConfig, config))
  return [
    'gemini.generate',
    async (abortSignal) =>
      orFailure(
        await models.generateContent({ model: 'm', contents: 'x', config: { abortSignal } }),
        geminiAnswerFailure,
      ),
  ]
}

function askRevai(name: string, { keys, revaiBaseUrl }: Sandbox): Asked {
  const deploymentConfig = { baseUrl: revaiBaseUrl, baseWebsocketUrl: 'ws://127.0.0.1' }
  const client = new RevAiApiClient({ token: keys.revai, version: 'v1', deploymentConfig })
  if (name === 'not ready') {
    return ['revai.transcript', async () => ({ value: await client.getTranscriptObject('1') })]
  }
  if (['bad parameters', 'too big'].includes(name)) {
    return ['revai.submit', async () => ({ value: await client.submitJob({}) })]
  }
  return [
    'revai.job',
    async () =>
      orFailure((await client.getJobDetails('1')) as { status: string; failure?: string }, revaiJobFailure),
  ]
}

function orFailure<T>(value: T, judge: (value: T) => ProviderFailure | undefined): { value: T } {
  const failure = judge(value)
  if (failure) throw new ProviderAnswerError(failure)
  return { value }
}

function comesTo(thrown: unknown): string {
  if (thrown instanceof PutOffError) return `stopped ${thrown.waitingFor}`
  if (thrown instanceof RetryLaterError) return `later ${thrown.code} ${thrown.retryAfterMs}`
  if (thrown instanceof FatalError) return `never ${thrown.code}`
  return thrown instanceof ProviderError ? `again ${thrown.code}` : String(thrown)
}
