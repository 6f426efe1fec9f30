import { TextWork } from '@app/contracts'
import { type Db, inTransaction } from '@app/db'
import { planTextWork } from '@app/flows'
import { insertJobs } from '@app/jobs'
import { authRefusals, jsonAnswer, named, refusals } from '../http/describe.ts'
import { notFound } from '../http/known-id.ts'
import { Refusal } from '../http/refusal.ts'
import { textWorkOf, transcribedLanguages } from '../queries/text-work.ts'
import type { BookText } from './access.ts'

export type TextWorkRequest = BookText &
  ({ type: 'analyze' | 'describe' } | { type: 'translate'; language: string })

/** Answers where the work stands. */
export type RequestTextWork = (request: TextWorkRequest) => Promise<TextWork>

/** What routes that ask for work answer, for the document. */
export const workAccepted = {
  202: jsonAnswer(named('TextWork', TextWork), 'It will be done; who asks twice gets the same job'),
  ...authRefusals,
  ...refusals(400, 404, 413, 415, 422),
}

/**
 * Asks for language work on a chapter's text, or a book's. Whoever asks while the same is under way gets that job.
 * It is the owner's, whoever asks. Refusals: `audiobook-not-found`, `transcript-not-found`, `same-language`.
 */
export async function requestTextWork(db: Db, request: TextWorkRequest): Promise<TextWork> {
  const { audiobookId, chapterId } = request
  const languages = await transcribedLanguages(db, { audiobookId, chapterId })
  if (languages.length === 0) {
    throw new Refusal('transcript-not-found', 'there is no transcript of this yet')
  }
  if (request.type === 'translate' && languages.includes(request.language)) {
    throw new Refusal('same-language', `the transcript is in this language (${request.language}) already`)
  }
  const jobId = await insertTextWork(db, request)
  return await textWorkOf(db, jobId)
}

async function insertTextWork(db: Db, request: TextWorkRequest): Promise<string> {
  const { audiobookId, chapterId } = request
  return await inTransaction(db, async (trx) => {
    // Whoever removes the book waits, and then removes this job with it.
    const book = await trx
      .selectFrom('audiobooks')
      .select('owner_id')
      .where('id', '=', audiobookId)
      .forKeyShare()
      .executeTakeFirst()
    if (!book) throw notFound('audiobook')
    const of = { audiobookId, ownerId: book.owner_id, ...(chapterId === undefined ? {} : { chapterId }) }
    const { ids } = await insertJobs(trx, [planTextWork(of, request)])
    return ids.get(request.type) ?? ''
  })
}
