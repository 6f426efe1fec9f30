import {
  type AudiobookCreated,
  type AudiobooksCreated,
  CreateAudiobook,
  type ErrorBody,
} from '@app/contracts'
import { asError } from '@app/runtime'
import { answerFor } from '../http/answer-error.ts'
import { Refusal } from '../http/refusal.ts'
import { problemsOf } from '../http/validated.ts'

type CreateOne = (request: CreateAudiobook) => Promise<AudiobookCreated>
type Result = AudiobooksCreated['results'][number]

/** One after the other, each by itself: a refused one says why and stops none of the others. */
export async function createAudiobooks(
  requests: readonly unknown[],
  createOne: CreateOne,
  onFault: (error: Error) => void,
): Promise<AudiobooksCreated> {
  const results: Result[] = []
  for (const [index, request] of requests.entries()) {
    results.push(await resultOf(index, request, createOne, onFault))
  }
  return { results }
}

async function resultOf(
  index: number,
  request: unknown,
  createOne: CreateOne,
  onFault: (error: Error) => void,
): Promise<Result> {
  const parsed = CreateAudiobook.safeParse(request)
  if (!parsed.success) {
    const details = problemsOf(parsed.error)
    return { index, ...refused(new Refusal('invalid-body', 'the body is not as it should be', { details })) }
  }
  try {
    return { index, ...(await createOne(parsed.data)) }
  } catch (thrown) {
    const error = asError(thrown)
    const { status, body } = answerFor(error)
    if (status >= 500) onFault(error)
    return { index, ...body }
  }
}

const refused = (refusal: Refusal): ErrorBody => answerFor(refusal).body
