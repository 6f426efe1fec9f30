import { z } from 'zod'
import type { Answer, Ask } from '../server/wire.ts'
import { textVector } from '../writing/text-vector.ts'
import { Content, textOfContent } from './contents.ts'
import { invalidArgument } from './errors.ts'

const MAX_REQUESTS = 100
const DIMENSIONS = 3072

const BatchRequest = z.object({
  requests: z
    .array(
      z.looseObject({ content: Content, outputDimensionality: z.int().min(1).max(DIMENSIONS).optional() }),
    )
    .min(1)
    .max(MAX_REQUESTS),
})

/** `POST /models/{model}:batchEmbedContents`. Shortened vectors are not of length 1, as the real ones are not. */
export function embed({ body }: Ask): Answer {
  const parsed = BatchRequest.safeParse(body.kind === 'json' ? body.value : undefined)
  if (!parsed.success)
    return invalidArgument(`* BatchEmbedContentsRequest: ${parsed.error.issues[0]?.message}`)
  const texts = parsed.data.requests.map(({ content }) => textOfContent(content))
  if (texts.some((text) => text === '')) return invalidArgument('content is empty')
  const embeddings = parsed.data.requests.map(({ outputDimensionality = DIMENSIONS }, index) => {
    const vector = textVector(texts[index] ?? '', outputDimensionality)
    return { values: [...vector].map((value) => (outputDimensionality < DIMENSIONS ? value * 0.7 : value)) }
  })
  return { status: 200, body: { embeddings } }
}
