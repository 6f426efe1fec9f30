import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Answer, Ask } from '../server/wire.ts'
import { countTokens } from '../writing/count-tokens.ts'
import { writeAnswer } from '../writing/write-answer.ts'
import { invalid } from './errors.ts'
import { Messages, promptOf } from './prompt.ts'
import { cutAt } from './responses.ts'

const ChatRequest = z.looseObject({
  model: z.string(),
  messages: Messages.min(1),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  stream: z.literal(false).nullish(),
  response_format: z
    .looseObject({ type: z.string(), json_schema: z.looseObject({ schema: z.unknown() }).optional() })
    .optional(),
})

/** `POST /chat/completions`, not streamed. */
export function chat(ask: Ask): Answer {
  const parsed = ChatRequest.safeParse(ask.body.kind === 'json' ? ask.body.value : undefined)
  if (!parsed.success)
    return invalid(z.prettifyError(parsed.error), String(parsed.error.issues[0]?.path[0] ?? 'messages'))
  const request = parsed.data
  const prompt = promptOf(request.messages)
  const whole = writeAnswer(prompt, request.response_format?.json_schema?.schema)
  const content = cutAt(whole, request.max_completion_tokens ?? request.max_tokens)
  const [input, output] = [countTokens(prompt.instructions + prompt.content), countTokens(content)]
  const message = { role: 'assistant', content, refusal: null, annotations: [] }
  const body = {
    id: `chatcmpl-${randomUUID()}`,
    ...{ object: 'chat.completion', created: Math.floor(Date.now() / 1000), model: request.model },
    choices: [{ index: 0, message, logprobs: null, finish_reason: content === whole ? 'stop' : 'length' }],
    usage: {
      ...{ prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
    },
    service_tier: 'default',
  }
  return { status: 200, body }
}
