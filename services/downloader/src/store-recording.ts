import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { StoredRecording } from '@app/contracts'
import { type Db, expireObjects, hurryObjects, objectsOf } from '@app/db'
import type { ExtractedClip } from '@app/media'
import type { ObjectStorage } from '@app/storage'

/** Storing takes less, and so does what follows until a row refers to it. */
export const STORED_FOR_MS = 2 * 60 * 60_000

interface StoreOptions {
  db: Db
  storage: Pick<ObjectStorage, 'putFile'>
  signal: AbortSignal
}

/** The whole video as it is to be kept. */
export interface KeptVideo {
  path: string
  extension: string
  contentType: string
}

/**
 * Stores a clip's parts under keys of their own, marked for removal until a transaction keeps them: what a crash leaves
 * goes by itself.
 */
export async function storeRecording(
  clip: ExtractedClip,
  video: KeptVideo | undefined,
  { db, storage, signal }: StoreOptions,
): Promise<StoredRecording> {
  const still = clip.thumbnailPath && {
    path: clip.thumbnailPath,
    extension: 'jpg',
    contentType: 'image/jpeg',
  }
  // All of it: two clips with the same music have two pictures.
  const sha256 = await hashOf([clip.sound, still || undefined, video], signal)
  const base = `media/${sha256.slice(0, 2)}/${sha256}-${randomUUID()}`
  const keys = {
    objectKey: `${base}.${clip.sound.extension}`,
    ...(still ? { coverKey: `${base}.jpg` } : {}),
    ...(video ? { videoKey: `${base}-video.${video.extension}` } : {}),
  }
  const { size: sizeBytes } = await stat(clip.sound.path)
  await expireObjects(db, objectsOf(keys), STORED_FOR_MS)
  try {
    if (still && keys.coverKey) await storage.putFile(keys.coverKey, still.path, { ...still, signal })
    if (video && keys.videoKey) await storage.putFile(keys.videoKey, video.path, { ...video, signal })
    await storage.putFile(keys.objectKey, clip.sound.path, { ...clip.sound, signal })
  } catch (error) {
    await hurryObjects(db, objectsOf(keys)).catch(() => {})
    throw error
  }
  return {
    sha256,
    ...keys,
    sizeBytes,
    durationMs: Math.max(1, clip.soundEndMs),
    inspection: inspectionOf(clip),
  }
}

/** What was found, of the file that is stored: whoever cuts its sound out looks at nothing else. */
function inspectionOf(clip: ExtractedClip): Record<string, unknown> {
  const { probe, soundStream, decodedMs, soundEndMs, warnings } = clip
  return {
    probe: { ...probe, streams: [soundStream], audioStreamIndex: soundStream.index },
    ...{ decodedMs, soundEndMs, warnings },
  }
}

async function hashOf(
  parts: readonly ({ path: string } | undefined)[],
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256')
  for (const part of parts) {
    // A part that is missing is not the same as an empty one.
    hash.update(part ? 'part' : 'none')
    if (part) for await (const chunk of createReadStream(part.path, { signal })) hash.update(chunk)
  }
  return hash.digest('hex')
}
