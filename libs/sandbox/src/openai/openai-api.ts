import { randomUUID } from 'node:crypto'
import type { Ears } from '../hearing/ears.ts'
import type { Answer, Ask, ProviderApi, Route, RouteName } from '../server/wire.ts'
import { chat } from './chat.ts'
import { embed } from './embeddings.ts'
import { openaiError } from './errors.ts'
import { listModels, noSuchModel, type OpenaiModel, oneModel } from './models.ts'
import { requestWindow } from './request-window.ts'
import { respond } from './responses.ts'
import { transcribe } from './transcriptions.ts'

export interface OpenaiOptions {
  key: string
  ears: Ears
  models: readonly OpenaiModel[]
  /** More than this in a minute are refused with 429. */
  requestsPerMinute: number
}

/** OpenAI below `/v1`. */
export function openaiApi({ key, ears, models, requestsPerMinute }: OpenaiOptions): ProviderApi {
  const window = requestWindow(requestsPerMinute)
  const limited =
    (answer: (ask: Ask) => Answer | Promise<Answer>) =>
    (ask: Ask): Answer | Promise<Answer> => {
      const model = modelOf(ask)
      if (model !== undefined && !models.some(({ id }) => id === model)) return noSuchModel(model)
      return window.take() ? answer(ask) : window.refusal(model ?? 'this model')
    }
  const post = (name: RouteName, path: string, answer: (ask: Ask) => Answer | Promise<Answer>): Route => {
    return { name, method: 'POST', path: `/v1${path}`, answer: limited(answer) }
  }
  return {
    name: 'openai',
    routes: [
      post('openai.transcriptions', '/audio/transcriptions', (ask) => transcribe(ask, ears)),
      post('openai.responses', '/responses', respond),
      post('openai.chat', '/chat/completions', chat),
      post('openai.embeddings', '/embeddings', embed),
      { name: 'openai.models', method: 'GET', path: '/v1/models', answer: () => listModels(models) },
      {
        name: 'openai.model',
        method: 'GET',
        path: '/v1/models/:model',
        answer: ({ params }) => oneModel(models, params.model ?? ''),
      },
    ],
    refuse: ({ headers }) => refusedKey(headers.authorization, key),
    headersOf: () => ({
      'x-request-id': `req_${randomUUID().replaceAll('-', '')}`,
      'openai-version': '2020-10-01',
      'openai-processing-ms': '5',
      ...window.headers(),
    }),
    notFound: (path) => openaiError({ status: 404, message: `Invalid URL (${path})` }),
    broken: (message) => openaiError({ status: 500, message, type: 'server_error' }),
  }
}

function refusedKey(authorization: string | undefined, key: string): Answer | undefined {
  if (authorization === `Bearer ${key}`) return undefined
  if (!authorization) {
    const message =
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth."
    return openaiError({ status: 401, message })
  }
  const message =
    'Incorrect API key provided: sk-***. You can find your API key at https://platform.openai.com/account/api-keys.'
  return openaiError({ status: 401, message, code: 'invalid_api_key' })
}

function modelOf({ body }: Ask): string | undefined {
  if (body.kind === 'form') return body.fields.model?.[0]
  const named = body.kind === 'json' ? (body.value as { model?: unknown } | null)?.model : undefined
  return typeof named === 'string' ? named : undefined
}
