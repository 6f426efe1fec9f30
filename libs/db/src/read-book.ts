import { FatalError } from '@app/runtime'
import type { Db } from './connect.ts'

/** What a book is called, for whoever writes about it. Error: `audiobook-not-found`, where it was deleted meanwhile. */
export async function bookTitle(db: Db, audiobookId: string): Promise<{ title: string; author: string }> {
  const row = await db
    .selectFrom('audiobooks')
    .select(['title', 'author'])
    .where('id', '=', audiobookId)
    .executeTakeFirst()
  if (!row) throw new FatalError('audiobook-not-found', `there is no audiobook ${audiobookId}`)
  return row
}
