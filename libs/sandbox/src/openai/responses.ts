import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Answer, Ask } from '../server/wire.ts'
import { countTokens } from '../writing/count-tokens.ts'
import { writeAnswer } from '../writing/write-answer.ts'
import { invalid } from './errors.ts'
import { Messages, promptOf } from './prompt.ts'

const ResponseRequest = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), Messages]),
  instructions: z.string().nullish(),
  max_output_tokens: z.int().min(16).nullish(),
  stream: z.literal(false).nullish(),
  store: z.boolean().nullish(),
  temperature: z.number().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  reasoning: z.looseObject({}).nullish(),
  text: z
    .looseObject({ format: z.looseObject({ type: z.string(), schema: z.unknown().optional() }).optional() })
    .optional(),
})

/** `POST /responses`, not streamed: an answer made of the words it was given, valid under the schema it was given. */
export function respond(ask: Ask): Answer {
  const parsed = ResponseRequest.safeParse(ask.body.kind === 'json' ? ask.body.value : undefined)
  if (!parsed.success)
    return invalid(z.prettifyError(parsed.error), String(parsed.error.issues[0]?.path[0] ?? 'input'))
  const request = parsed.data
  const messages =
    typeof request.input === 'string' ? [{ role: 'user', content: request.input }] : request.input
  const prompt = promptOf(messages, request.instructions ?? '')
  const format = request.text?.format
  const whole = writeAnswer(prompt, format?.type === 'json_schema' ? format.schema : undefined)
  const cut = cutAt(whole, request.max_output_tokens)
  return {
    status: 200,
    body: responseBody(request, {
      prompt: prompt.instructions + prompt.content,
      text: cut,
      isCut: cut !== whole,
    }),
  }
}

/** As much of an answer as may be said in so many tokens. */
export function cutAt(text: string, maxTokens: number | null | undefined): string {
  return maxTokens && countTokens(text) > maxTokens ? text.slice(0, maxTokens * 4) : text
}

interface Said {
  prompt: string
  text: string
  isCut: boolean
}

function responseBody(request: z.infer<typeof ResponseRequest>, { prompt, text, isCut }: Said) {
  const now = Math.floor(Date.now() / 1000)
  const [input, output] = [countTokens(prompt), countTokens(text)]
  const status = isCut ? 'incomplete' : 'completed'
  return {
    id: `resp_${randomUUID().replaceAll('-', '')}`,
    ...{ object: 'response', created_at: now, status, completed_at: isCut ? null : now, error: null },
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    ...{ instructions: request.instructions ?? null, max_output_tokens: request.max_output_tokens ?? null },
    model: request.model,
    output: [message(text, status)],
    ...{
      parallel_tool_calls: true,
      previous_response_id: null,
      store: request.store ?? true,
      truncation: 'disabled',
    },
    ...{
      temperature: request.temperature ?? 1,
      top_p: 1,
      tool_choice: 'auto',
      tools: [],
      metadata: request.metadata ?? {},
    },
    ...{
      reasoning: { effort: null, summary: null, ...request.reasoning },
      text: request.text ?? { format: { type: 'text' } },
    },
    usage: {
      ...{ input_tokens: input, input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 } },
      ...{
        output_tokens: output,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: input + output,
      },
    },
  }
}

function message(text: string, status: string) {
  return {
    id: `msg_${randomUUID().replaceAll('-', '')}`,
    ...{ type: 'message', role: 'assistant', status },
    content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
  }
}
