import { availableParallelism } from 'node:os'
import type { Db } from '@app/db'
import type { ScratchDirectory } from '@app/runtime'
import type { ObjectStorage } from '@app/storage'
import type { UploadRoutesDeps } from '../routes/uploads.ts'
import type { StorageSweeper } from '../storage-sweeper.ts'
import { fileAcceptor } from './accept-file.ts'
import { createArriving } from './arriving.ts'
import { removeUpload } from './remove-upload.ts'
import { takeTurns } from './take-turns.ts'

interface UploadParts {
  db: Db
  storage: ObjectStorage
  maxFileBytes: number
  spool: ScratchDirectory
  sweeper: StorageSweeper
}

/** What the routes about uploads need. */
export function uploadDeps({
  db,
  storage,
  maxFileBytes,
  spool,
  sweeper,
}: UploadParts): Omit<UploadRoutesDeps, 'db'> {
  const { newPath: newSpoolPath } = spool
  const arriving = createArriving()
  const inspectionTurns = takeTurns(availableParallelism())
  return {
    acceptFile: fileAcceptor({ db, storage, newSpoolPath, arriving, maxFileBytes, inspectionTurns }),
    arrivingBytes: arriving.bytesOf,
    removeUpload: (uploadId) => removeUpload({ db, removeNow: sweeper.removeNow }, uploadId),
  }
}
