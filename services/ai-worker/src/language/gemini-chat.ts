import { geminiAnswerFailure, type ProviderCalls } from '@app/providers'
import type {
  GenerateContentConfig,
  GenerateContentResponse,
  GoogleGenAI,
  ThinkingLevel,
} from '@google/genai'
import { geminiThinking, traitsOf } from '../plan/model-traits.ts'
import { CHAT_TIMEOUT_MS, type Chat, type ChatAnswer, type Question } from './chat.ts'

interface GeminiChatOptions {
  client: GoogleGenAI
  calls: ProviderCalls
  model: string
}

/** Gemini by generateContent. Blocked and cut-off answers come with HTTP 200 there. */
export function geminiChat({ client, calls, model }: GeminiChatOptions): Chat {
  return {
    provider: 'gemini',
    model,
    ...traitsOf(model),
    async ask(question, { signal, ...caller }) {
      const call = { ...caller, provider: 'gemini' as const, model, operation: question.operation }
      return await calls.run({ ...call, signal, timeoutMs: CHAT_TIMEOUT_MS }, async (signal) => {
        const contents = question.messages.map(({ role, text }) => ({
          role: role === 'assistant' ? 'model' : 'user',
          parts: [{ text }],
        }))
        const config = { ...configOf(model, question), abortSignal: signal }
        const response = await client.models.generateContent({ model, contents, config })
        return { value: answerOf(response), usage: usageOf(response) }
      })
    },
  }
}

function configOf(model: string, { instructions, schema, mostTokens }: Question): GenerateContentConfig {
  const thinking = geminiThinking(model)
  return {
    systemInstruction: instructions,
    responseMimeType: 'application/json',
    responseJsonSchema: schema,
    maxOutputTokens: mostTokens,
    ...(thinking && {
      thinkingConfig:
        'thinkingLevel' in thinking ? { thinkingLevel: thinking.thinkingLevel as ThinkingLevel } : thinking,
    }),
  }
}

function answerOf(response: GenerateContentResponse): ChatAnswer {
  const failure = geminiAnswerFailure(response)
  if (failure) return { failure }
  const said = (response.candidates?.[0]?.content?.parts ?? []).filter((part) => part.thought !== true)
  return { text: said.map((part) => part.text ?? '').join('') }
}

/** Thinking is billed as output. */
function usageOf({ usageMetadata: usage }: GenerateContentResponse) {
  return {
    inputTokens: usage?.promptTokenCount,
    cachedInputTokens: usage?.cachedContentTokenCount,
    outputTokens: usage && (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
  }
}
