import type { RecordedRequest } from '../server/records.ts'
import type { RouteName } from '../server/wire.ts'

/**
 * Where the documents fall short of what they document. OpenAI's own examples show `store`, recorded answers `task`;
 * a vector that was asked for as base64 is described as a list of numbers all the same; and of the three shapes of a
 * transcription, which the document gives as exclusive, one includes the other.
 */
const UNLISTED: Partial<Record<RouteName, readonly string[]>> = {
  'openai.transcriptions': ['task'],
  'openai.responses': ['store'],
}
const VERBOSE = '/components/schemas/CreateTranscriptionResponseVerboseJson'

/** An answer as its document would have it. */
export function asDocumented({ route }: RecordedRequest, body: object): object {
  const left = UNLISTED[route] ?? []
  const told = Object.fromEntries(Object.entries(body).filter(([name]) => !left.includes(name)))
  if (route !== 'openai.embeddings' || !Array.isArray(told.data)) return Array.isArray(body) ? body : told
  return { ...told, data: told.data.map((each) => ({ ...each, embedding: numbersOf(each.embedding) })) }
}

/** The schema of an answer, where it is not the one that the document names. */
export function answerSchema({ route, fields }: RecordedRequest): string | undefined {
  const isVerbose = route === 'openai.transcriptions' && fields?.response_format?.[0] === 'verbose_json'
  return isVerbose ? VERBOSE : undefined
}

function numbersOf(embedding: unknown): unknown {
  if (typeof embedding !== 'string') return embedding
  const bytes = Buffer.from(embedding, 'base64')
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4))
}
