import { z } from 'zod'
import type { Answer, Ask } from '../server/wire.ts'
import { countTokens, exceedsTokens } from '../writing/count-tokens.ts'
import { textVector } from '../writing/text-vector.ts'
import { invalid, openaiError } from './errors.ts'

const MAX_TEXTS = 2048
const MAX_TOKENS_EACH = 8192
const MAX_TOKENS_ALL = 300_000
const DIMENSIONS: Record<string, number> = { 'text-embedding-3-large': 3072 }
const DEFAULT_DIMENSIONS = 1536

const EmbeddingRequest = z.strictObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string())]),
  encoding_format: z.enum(['float', 'base64']).default('float'),
  dimensions: z.int().min(1).optional(),
  user: z.string().optional(),
})

/** `POST /embeddings` of texts. Token arrays are not taken. */
export async function embed(ask: Ask): Promise<Answer> {
  const parsed = EmbeddingRequest.safeParse(ask.body.kind === 'json' ? ask.body.value : undefined)
  if (!parsed.success)
    return invalid(z.prettifyError(parsed.error), String(parsed.error.issues[0]?.path[0] ?? 'input'))
  const { model, encoding_format: encoding } = parsed.data
  const texts = [parsed.data.input].flat()
  const most = DIMENSIONS[model] ?? DEFAULT_DIMENSIONS
  const dimensions = parsed.data.dimensions ?? most
  const refused = (await refusedTexts(texts)) ?? refusedDimensions(dimensions, most)
  if (refused) return refused

  const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0)
  const data = texts.map((text, index) => ({
    object: 'embedding',
    index,
    embedding: encoded(textVector(text, dimensions), encoding),
  }))
  return {
    status: 200,
    body: { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } },
  }
}

function encoded(vector: Float32Array, encoding: 'float' | 'base64'): number[] | string {
  return encoding === 'float' ? [...vector] : Buffer.from(vector.buffer).toString('base64')
}

async function refusedTexts(texts: readonly string[]): Promise<Answer | undefined> {
  if (texts.length === 0 || texts.length > MAX_TEXTS)
    return invalid(
      `'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.`,
      'input',
    )
  if (texts.some((text) => text === ''))
    return invalid("'$.input' is invalid: input cannot be an empty string.", 'input')
  for (const text of texts) {
    if (!(await exceedsTokens(text, MAX_TOKENS_EACH))) continue
    const message = `This model's maximum context length is ${MAX_TOKENS_EACH} tokens, however you requested more. Please reduce your prompt; or completion length.`
    return openaiError({ status: 400, message, code: 'context_length_exceeded' })
  }
  const all = texts.reduce((sum, text) => sum + countTokens(text), 0)
  if (all <= MAX_TOKENS_ALL) return undefined
  return openaiError({
    status: 400,
    message: `Requested ${all} tokens, max ${MAX_TOKENS_ALL} tokens per request`,
    type: 'max_tokens_per_request',
    code: 'max_tokens_per_request',
  })
}

function refusedDimensions(wanted: number, most: number): Answer | undefined {
  if (wanted <= most) return undefined
  return invalid(
    `Invalid value for 'dimensions' = ${wanted}. Must be less than or equal to ${most}.`,
    'dimensions',
    'invalid_value',
  )
}
