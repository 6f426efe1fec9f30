import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { FileReceived } from '@app/contracts'
import { type Db, hurryObjects, inTransaction, isMediaKnown, type NewMedia, objectsOf } from '@app/db'
import { inspectMedia } from '@app/media'
import type { ObjectStorage } from '@app/storage'
import { Refusal } from '../http/refusal.ts'
import {
  type FileToRegister,
  type Registration,
  refuseUnlessRoom,
  registerFile,
  tooLargeFor,
} from '../queries/register-file.ts'
import { uploadOf } from '../queries/uploads.ts'
import type { Arriving } from './arriving.ts'
import { parseFileFields } from './file-fields.ts'
import { receiveFile } from './receive-file.ts'
import { storeFile } from './store-file.ts'
import type { Turns } from './take-turns.ts'

/** Boundaries, part headers and the small fields, with room to spare. */
const FORM_OVERHEAD_BYTES = 128 * 1024

export interface FileRequest {
  uploadId: string
  contentType: string
  /** NaN where the sender does not say. */
  contentLength: number
  body: Readable
  signal: AbortSignal
}

export type AcceptFile = (request: FileRequest) => Promise<FileReceived>

export interface AcceptFileDeps {
  db: Db
  storage: Pick<ObjectStorage, 'putFile'>
  /** A path of its own for each file that is on its way. */
  newSpoolPath: () => string
  arriving: Arriving
  maxFileBytes: number
  /** Inspecting decodes all the sound: as many at once as there are processors. */
  inspectionTurns: Turns
}

/**
 * Takes a file in: to disk, judged, stored, and only then entered into its upload, in one transaction. Whatever
 * breaks before that leaves neither row nor bytes: the spooled file goes here, or with the process's spool;
 * a stored object by its mark in `storage_deletions`.
 */
export function fileAcceptor(deps: AcceptFileDeps): AcceptFile {
  return async (request) => {
    const path = deps.newSpoolPath()
    const arrival = deps.arriving.begin(request.uploadId)
    try {
      const received = await receive(deps, request, path, arrival.add)
      const fields = parseFileFields(received.fields)
      const inspection = await deps.inspectionTurns(() => inspectMedia(path, { signal: request.signal }))
      const file = { ...received, ...fields, uploadId: request.uploadId, warnings: inspection.warnings }
      const { fileId, uploadedAt } = await register(deps, file, () =>
        storeFile(deps, { ...received, path, inspection, signal: request.signal }),
      )
      return {
        file_id: fileId,
        upload_id: request.uploadId,
        file_name: received.fileName,
        file_size_bytes: received.sizeBytes,
        uploaded_at: uploadedAt.toISOString(),
        ...(inspection.warnings.length > 0 ? { warnings: inspection.warnings } : {}),
      }
    } catch (cause) {
      if (!request.signal.aborted) throw cause
      throw new Refusal('upload-interrupted', 'the sender hung up before the file was taken in', { cause })
    } finally {
      arrival.done()
      await rm(path, { force: true })
    }
  }
}

/** Refuses what can't fit before reading any of it, and what turns out not to fit as soon as it does. */
async function receive(
  { db, maxFileBytes }: AcceptFileDeps,
  { uploadId, contentType, contentLength, body }: FileRequest,
  path: string,
  onBytes: (bytes: number) => void,
) {
  const upload = await uploadOf(db, uploadId)
  refuseUnlessRoom(upload, 0)
  const roomBytes = upload.totalSizeBytes - upload.receivedBytes
  const maxBytes = Math.min(roomBytes, maxFileBytes)
  const tooLarge = maxBytes === roomBytes ? tooLargeFor(upload) : fileTooLarge(maxFileBytes)
  if (contentLength > maxBytes + FORM_OVERHEAD_BYTES) throw tooLarge
  return await receiveFile(body, contentType, { path, maxBytes, tooLarge, onBytes })
}

/**
 * Stores the content only where it isn't stored already. At most twice round: content that was known may be removed
 * with the other upload just before ours refers to it.
 */
async function register(
  { db }: AcceptFileDeps,
  file: Omit<FileToRegister, 'media'>,
  store: () => Promise<NewMedia>,
): Promise<Extract<Registration, { kind: 'registered' }>> {
  let media = (await isMediaKnown(db, file.sha256)) ? undefined : await store()
  try {
    for (;;) {
      const result = await inTransaction(db, (trx) => registerFile(trx, { ...file, media }))
      if (result.kind === 'registered') {
        if (result.isMediaNew) media = undefined
        return result
      }
      media ??= await store()
    }
  } finally {
    // Refused, or somebody else stored the same meanwhile: ours goes at the next sweep instead of in an hour.
    if (media) await hurryObjects(db, objectsOf(media)).catch(() => {})
  }
}

function fileTooLarge(maxFileBytes: number): Refusal {
  return new Refusal('file-too-large', `a file may have ${maxFileBytes} bytes at most`)
}
