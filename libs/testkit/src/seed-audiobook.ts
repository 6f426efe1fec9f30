import { randomUUID } from 'node:crypto'
import { type Db, inTransaction } from '@app/db'
import { planAudiobook } from '@app/flows'
import { insertJobs } from '@app/jobs'

/** A book with its chapters and jobs, as the API would make it; no media behind it. */
export async function seedAudiobook(db: Db, count: number) {
  const ownerId = randomUUID()
  return await inTransaction(db, async (trx) => {
    const media = await trx
      .insertInto('media')
      .values({
        sha256: randomUUID(),
        object_key: randomUUID(),
        size_bytes: 1,
        duration_ms: 60_000,
        inspection: '{}',
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const { id } = await trx
      .insertInto('audiobooks')
      .values({ owner_id: ownerId, title: 'A book', author: 'Somebody' })
      .returning('id')
      .executeTakeFirstOrThrow()
    const chapters = await trx
      .insertInto('chapters')
      .values(
        Array.from({ length: count }, (_, index) => ({
          audiobook_id: id,
          position: index + 1,
          title: `Chapter ${index + 1}`,
          media_id: media.id,
          start_ms: 0,
          end_ms: 60_000,
          source: 'file' as const,
        })),
      )
      .returning(['id', 'position'])
      .execute()
    const planned = planAudiobook({
      audiobookId: id,
      ownerId,
      chapters: chapters
        .toSorted((a, b) => a.position - b.position)
        .map((chapter) => ({ id: chapter.id, mediaId: media.id })),
    })
    const { ids } = await insertJobs(trx, planned)
    return { id, ownerId, mediaId: media.id, chapters, job: (key: string) => ids.get(key) ?? '' }
  })
}
