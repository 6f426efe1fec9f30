import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { type Db, expireObjects, hurryObjects, type NewMedia, objectsOf } from '@app/db'
import { extractCover, type Inspection } from '@app/media'
import { withTimeout } from '@app/runtime'
import type { ObjectStorage } from '@app/storage'
import { planMediaType } from '../plan/media-type.ts'

/** Storing takes less. If it doesn't, the transaction finds its objects due and refuses them. */
const STORE_WITHIN_MS = 60 * 60_000
/** A book is not refused, nor its sender kept waiting, for its cover. */
const COVER_TIMEOUT_MS = 10_000

interface FileToStore {
  path: string
  sha256: string
  sizeBytes: number
  inspection: Inspection
  signal: AbortSignal
}

/** Stores a judged file and its cover under keys of their own, marked for removal until a transaction keeps them. */
export async function storeFile(
  { db, storage }: { db: Db; storage: Pick<ObjectStorage, 'putFile'> },
  { path, sha256, sizeBytes, inspection, signal }: FileToStore,
): Promise<NewMedia> {
  const { ending, contentType } = planMediaType(inspection.probe)
  // Never a key that was used before: its removal may be under way.
  const base = `media/${sha256.slice(0, 2)}/${sha256}-${randomUUID()}`
  const coverPath = `${path}.jpg`
  try {
    const hasCover = await writeCover(path, coverPath, { probe: inspection.probe, signal })
    const media = {
      sha256,
      objectKey: `${base}${ending}`,
      coverKey: hasCover ? `${base}.jpg` : undefined,
      sizeBytes,
      durationMs: inspection.soundEndMs,
      inspection,
    }
    await expireObjects(db, objectsOf(media), STORE_WITHIN_MS)
    try {
      if (media.coverKey)
        await storage.putFile(media.coverKey, coverPath, { contentType: 'image/jpeg', signal })
      await storage.putFile(media.objectKey, path, { contentType, signal })
    } catch (error) {
      await hurryObjects(db, objectsOf(media)).catch(() => {})
      throw error
    }
    return media
  } finally {
    await rm(coverPath, { force: true })
  }
}

async function writeCover(
  path: string,
  outPath: string,
  { probe, signal }: { probe: Inspection['probe']; signal: AbortSignal },
): Promise<boolean> {
  const extract = (timeout: AbortSignal) =>
    extractCover(path, outPath, { probe, signal: AbortSignal.any([signal, timeout]) })
  try {
    return await withTimeout(extract, COVER_TIMEOUT_MS, 'cover-timeout')
  } catch (error) {
    if (signal.aborted) throw error
    return false
  }
}
