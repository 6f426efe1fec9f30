import { randomUUID } from 'node:crypto'
import type { AudiobookCreated, CreateAudiobook } from '@app/contracts'
import { type Db, inTransaction, type Trx } from '@app/db'
import { planAudiobook } from '@app/flows'
import { insertJobs } from '@app/jobs'
import { notFound } from '../http/known-id.ts'
import { Refusal } from '../http/refusal.ts'
import { bookOfUpload, insertAudiobook, uploadedFilesOf } from '../queries/new-audiobook.ts'
import { lockUpload, type UploadRow } from '../queries/uploads.ts'
import { planBook } from './plan-book.ts'

/**
 * Makes a book of a finished upload: the book, its chapters and its jobs in one transaction. Redis is not asked: the
 * jobs are dispatched now, or when it is back.
 */
export async function createAudiobook(
  db: Db,
  ownerId: string,
  request: CreateAudiobook,
): Promise<AudiobookCreated> {
  const created = await inTransaction(db, (trx) => insertBook(trx, ownerId, request))
  return {
    audiobook_id: created.audiobookId,
    status: 'processing',
    message:
      created.chapters === 1
        ? 'its one chapter is being turned into text'
        : `${created.chapters} chapters are being turned into text`,
    jobs_created: created.jobs,
    total_jobs: created.jobs,
  }
}

async function insertBook(trx: Trx, ownerId: string, request: CreateAudiobook) {
  const upload = await lockUpload(trx, request.upload_id)
  refuseUnlessReady(upload)
  if (await bookOfUpload(trx, upload.uploadId)) {
    throw new Refusal('upload-already-used', 'an audiobook was made from this upload before')
  }
  const plan = planBook(request, await uploadedFilesOf(trx, upload.uploadId))
  const chapters = plan.chapters.map((chapter) => ({ ...chapter, id: randomUUID() as string }))
  const book = { ...plan, ownerId, uploadId: upload.uploadId, isPublic: request.is_public }
  const audiobookId = await insertAudiobook(trx, book, chapters)
  const planned = planAudiobook({
    audiobookId,
    ownerId,
    ...(plan.language === null ? {} : { language: plan.language }),
    ...(request.transcribe_provider === undefined ? {} : { provider: request.transcribe_provider }),
    chapters: chapters.map(({ id, mediaId, startMs, endMs, source }) =>
      source === 'file' ? { id, mediaId } : { id, mediaId, startMs, endMs },
    ),
  })
  await insertJobs(trx, planned)
  return { audiobookId, chapters: chapters.length, jobs: planned.length }
}

function refuseUnlessReady(upload: UploadRow | undefined): asserts upload {
  if (!upload) throw notFound('upload')
  if (upload.receivedFiles === 0) throw new Refusal('upload-empty', 'no file of this upload has arrived')
  if (upload.status !== 'completed') {
    const { receivedFiles, totalFiles } = upload
    throw new Refusal(
      'upload-unfinished',
      `${receivedFiles} of ${totalFiles} files of this upload have arrived`,
    )
  }
}
