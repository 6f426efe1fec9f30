import { openaiClient, providersConfig } from '@app/providers'
import { loadConfig } from '@app/runtime'
import { openaiChat } from './openai-chat.ts'
import { describeRemoteLanguage } from './remote-language.conformance.ts'

interface ChatRequest {
  messages: { role: string; content: string }[]
  response_format: { json_schema: { schema: unknown } }
  max_completion_tokens: number
}

const completion = (finish_reason: string, message: object) => ({
  ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'gpt-6-luna' },
  choices: [
    { index: 0, logprobs: null, finish_reason, message: { role: 'assistant', refusal: null, ...message } },
  ],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
})

const failed = (code: string, message = code) => ({ error: { message, type: 'error', param: null, code } })

describeRemoteLanguage('OpenAI', {
  route: 'openai.chat',
  chat: ({ openaiBaseUrl, keys }, calls) => {
    const env = { OPENAI_API_KEY: keys.openai, OPENAI_BASE_URL: openaiBaseUrl }
    const config = loadConfig(providersConfig, env)
    return openaiChat({ client: openaiClient(config), calls, model: config.OPENAI_LANGUAGE_MODEL })
  },
  read: ({ json }) => {
    const { messages, response_format, max_completion_tokens } = json as ChatRequest
    const [system, ...rest] = messages
    return {
      instructions: system?.role === 'system' ? system.content : '',
      messages: rest.map(({ role, content }) => ({ role, text: content })),
      schema: response_format.json_schema.schema,
      mostTokens: max_completion_tokens,
    }
  },
  says: (content) => completion('stop', { content }),
  cutOff: completion('length', { content: '{"summary": "A rab' }),
  refused: completion('stop', { content: null, refusal: 'I can not help with that.' }),
  troubles: [
    [
      'a content filter',
      { body: completion('content_filter', { content: null }) },
      { name: 'FatalError', code: 'content-refused' },
    ],
    [
      'a text that is too long',
      { status: 400, body: failed('context_length_exceeded') },
      { name: 'FatalError', code: 'input-too-long' },
    ],
    [
      'a rate limit',
      { status: 429, headers: { 'retry-after': '7' }, body: failed('rate_limit_exceeded') },
      { name: 'RetryLaterError', code: 'rate-limited' },
    ],
    [
      'an empty account',
      { status: 429, body: failed('insufficient_quota') },
      { name: 'ProviderStoppedError', code: 'provider-stopped' },
    ],
    [
      'a wrong key',
      { status: 401, body: failed('invalid_api_key') },
      { name: 'ProviderStoppedError', code: 'provider-stopped' },
    ],
    [
      'a model that is gone',
      { status: 404, body: failed('model_not_found') },
      { name: 'ProviderStoppedError', code: 'provider-stopped' },
    ],
    [
      'an overload',
      { status: 503, body: failed('server_is_overloaded') },
      { name: 'RetryLaterError', code: 'provider-overloaded' },
    ],
    [
      'a fault of theirs',
      { status: 500, body: '<html>' },
      { name: 'ProviderError', code: 'provider-failed' },
    ],
    ['a connection that breaks', { cut: 'middle' }, { name: 'ProviderError', code: 'provider-unreachable' }],
  ],
})
