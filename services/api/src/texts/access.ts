import type { Db } from '@app/db'
import { userOf } from '../http/authenticate.ts'
import { knownId, notFound } from '../http/known-id.ts'
import type { Principal } from '../http/principal.ts'
import { Refusal } from '../http/refusal.ts'
import { audiobookOf } from '../queries/audiobooks.ts'
import { chapterOf } from '../queries/book-text.ts'

/** To read is for whoever may see the book; to ask for what costs, for its owner and admins. */
export type TextAccess = 'read' | 'ask'

interface Wanted {
  id: string
  chapterId: string | undefined
  access: TextAccess
}

/** A text that somebody may read, or ask about: a book, or where one is named a chapter of it. */
export interface BookText {
  audiobookId: string
  chapterId: string | undefined
}

/** Refusals: `audiobook-not-found`, `chapter-not-found`, `not-yours`. */
export async function bookText(
  db: Db,
  principal: Principal,
  { id, chapterId, access }: Wanted,
): Promise<BookText> {
  const user = userOf(principal)
  const audiobookId = knownId(id, 'audiobook')
  const book = await audiobookOf(db, audiobookId)
  if (!book) throw notFound('audiobook')
  const isOwn = user.kind === 'admin' || book.ownerId === user.userId
  if (!isOwn && !(access === 'read' && book.is_public)) {
    throw new Refusal('not-yours', 'this audiobook belongs to somebody else')
  }
  if (chapterId === undefined) return { audiobookId, chapterId }
  const chapter = await chapterOf(db, chapterId)
  if (chapter?.audiobookId !== audiobookId) throw notFound('chapter')
  return { audiobookId, chapterId: chapter.id }
}
