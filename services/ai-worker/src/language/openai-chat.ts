import { openaiAnswerFailure, type ProviderCalls } from '@app/providers'
import type OpenAI from 'openai'
import { openaiParameters, traitsOf } from '../plan/model-traits.ts'
import { CHAT_TIMEOUT_MS, type Chat, type ChatAnswer, type Question } from './chat.ts'

interface OpenaiChatOptions {
  client: OpenAI
  calls: ProviderCalls
  model: string
  /** Of a model whose size only its operator knows. */
  windowTokens?: number | undefined
}

/**
 * OpenAI, and whatever speaks its API, by chat/completions: what compatible servers (vLLM, llama.cpp, LocalAI, Ollama)
 * have in common. The Responses API would bring state on their side, which we want none of, and tools, which no
 * transcript should be able to reach.
 */
export function openaiChat({ client, calls, model, windowTokens }: OpenaiChatOptions): Chat {
  return {
    provider: 'openai',
    model,
    ...traitsOf(model, windowTokens),
    async ask(question, { signal, ...caller }) {
      const call = { ...caller, provider: 'openai' as const, model, operation: question.operation }
      return await calls.run({ ...call, signal, timeoutMs: CHAT_TIMEOUT_MS }, async (signal) => {
        const request = client.chat.completions.create(requestOf(model, question), { signal })
        const { data, response } = await request.withResponse()
        return { value: answerOf(data), usage: usageOf(data), headers: response.headers }
      })
    },
  }
}

function requestOf(
  model: string,
  { operation, instructions, messages, schema, mostTokens }: Question,
): OpenAI.ChatCompletionCreateParamsNonStreaming {
  return {
    model,
    messages: [
      { role: 'system', content: instructions },
      ...messages.map(({ role, text }) => ({ role, content: text })),
    ],
    response_format: { type: 'json_schema', json_schema: { name: operation, strict: true, schema } },
    ...openaiParameters(model, mostTokens),
  }
}

function answerOf(completion: OpenAI.ChatCompletion): ChatAnswer {
  // Compatible servers leave out what OpenAI's types promise.
  const failure = openaiAnswerFailure({ ...completion, choices: completion.choices ?? [] })
  return failure ? { failure } : { text: completion.choices[0]?.message?.content ?? '' }
}

function usageOf({ usage }: OpenAI.ChatCompletion) {
  return {
    inputTokens: usage?.prompt_tokens,
    cachedInputTokens: usage?.prompt_tokens_details?.cached_tokens ?? undefined,
    outputTokens: usage?.completion_tokens,
  }
}
