import type { ProviderFailure } from '@app/providers'
import type { ModelTraits } from '../plan/model-traits.ts'
import type { Caller } from './port.ts'

/** A turn of the conversation: what is to be read, or what the model said of it before. */
export interface ChatMessage {
  role: 'user' | 'assistant'
  text: string
}

export interface Question {
  /** What is asked, as spending is told apart: `summarize`, `translate`. */
  operation: string
  /** What is to be done. Nothing that came from a recording is in here. */
  instructions: string
  messages: readonly ChatMessage[]
  /** JSON Schema of the answer. */
  schema: Record<string, unknown>
  /** Of the answer. */
  mostTokens: number
}

/** What a model said, or why it said nothing: both come with the status of a success. */
export type ChatAnswer = { text: string } | { failure: ProviderFailure }

/** A remote model, asked for JSON. What goes wrong on the way is thrown by `ProviderCalls`. */
export interface Chat extends ModelTraits {
  readonly provider: 'openai' | 'gemini'
  readonly model: string
  ask(question: Question, options: Caller & { signal: AbortSignal }): Promise<ChatAnswer>
}

/** A long answer of a slow model; Node's own limit is 300 s. */
export const CHAT_TIMEOUT_MS = 240_000
