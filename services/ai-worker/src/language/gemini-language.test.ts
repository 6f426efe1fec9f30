import { geminiClient, providersConfig } from '@app/providers'
import { loadConfig } from '@app/runtime'
import { geminiChat } from './gemini-chat.ts'
import { describeRemoteLanguage } from './remote-language.conformance.ts'

interface GenerateRequest {
  systemInstruction: { parts: { text: string }[] }
  contents: { role: string; parts: { text: string }[] }[]
  generationConfig: { responseJsonSchema: unknown; maxOutputTokens: number }
}

const response = (finishReason: string, text?: string) => ({
  candidates: [
    {
      finishReason,
      index: 0,
      ...(text === undefined ? {} : { content: { role: 'model', parts: [{ text }] } }),
    },
  ],
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
})

const failed = (code: number, status: string, details: object[] = []) => ({
  ...{ status: code, body: { error: { code, message: status, status, details } } },
})

const quota = (quotaId: string) => [
  { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId }] },
  { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12s' },
]

describeRemoteLanguage('Gemini', {
  route: 'gemini.generate',
  chat: ({ geminiBaseUrl, keys }, calls) => {
    const env = { GEMINI_API_KEY: keys.gemini, GEMINI_BASE_URL: geminiBaseUrl }
    const config = loadConfig(providersConfig, env)
    return geminiChat({ client: geminiClient(config), calls, model: config.GEMINI_LANGUAGE_MODEL })
  },
  read: ({ json }) => {
    const { systemInstruction, contents, generationConfig } = json as GenerateRequest
    return {
      instructions: systemInstruction.parts.map(({ text }) => text).join(''),
      messages: contents.map(({ role, parts }) => ({
        role: role === 'model' ? 'assistant' : role,
        text: parts.map(({ text }) => text).join(''),
      })),
      schema: generationConfig.responseJsonSchema,
      mostTokens: generationConfig.maxOutputTokens,
    }
  },
  says: (text) => response('STOP', text),
  cutOff: response('MAX_TOKENS'),
  refused: { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 10 } },
  troubles: [
    [
      'an answer that was blocked',
      { body: response('SAFETY') },
      { name: 'FatalError', code: 'content-refused' },
    ],
    [
      'a text that is too long',
      {
        status: 400,
        body: {
          error: {
            code: 400,
            message: 'The input token count (2000000) exceeds the maximum',
            status: 'INVALID_ARGUMENT',
          },
        },
      },
      { name: 'FatalError', code: 'input-too-long' },
    ],
    [
      'a rate limit',
      failed(429, 'RESOURCE_EXHAUSTED', quota('GenerateRequestsPerMinutePerProject')),
      { name: 'RetryLaterError', code: 'rate-limited' },
    ],
    [
      'a day’s quota',
      failed(429, 'RESOURCE_EXHAUSTED', quota('GenerateRequestsPerDayPerProject')),
      { name: 'ProviderStoppedError', code: 'provider-stopped' },
    ],
    [
      'a wrong key',
      failed(400, 'INVALID_ARGUMENT', [{ reason: 'API_KEY_INVALID' }]),
      { name: 'ProviderStoppedError', code: 'provider-stopped' },
    ],
    [
      'a model that is gone',
      failed(404, 'NOT_FOUND'),
      { name: 'ProviderStoppedError', code: 'provider-stopped' },
    ],
    ['an overload', failed(503, 'UNAVAILABLE'), { name: 'RetryLaterError', code: 'provider-overloaded' }],
    ['a fault of theirs', failed(500, 'INTERNAL'), { name: 'ProviderError', code: 'provider-failed' }],
    ['a connection that breaks', { cut: 'middle' }, { name: 'ProviderError', code: 'provider-unreachable' }],
  ],
})
