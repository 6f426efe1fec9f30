import type { CreateAudiobook } from '@app/contracts'
import {
  type BookFile,
  type BookTags,
  type PlannedChapter,
  planBookTags,
  planChapters,
  planTrackOrder,
} from '@app/media'
import { type FieldProblem, Refusal } from '../http/refusal.ts'

/** A stored file of an upload, as planners read it. */
export interface UploadedFile extends BookFile {
  mediaId: string
  coverKey: string | null
}

export interface BookPlan {
  title: string
  author: string
  description: string | null
  language: string | null
  coverKey: string | null
  metadata: Omit<BookTags, 'title' | 'author' | 'description' | 'language'>
  chapters: (PlannedChapter & { mediaId: string })[]
}

const MOST_DESCRIPTION_CHARACTERS = 20_000

/** What becomes of an upload: what the request says wins, the files' own tags fill in what it leaves out. */
export function planBook(request: CreateAudiobook, uploaded: readonly UploadedFile[]): BookPlan {
  const files = planTrackOrder(uploaded)
  const tags = planBookTags(files)
  const title = request.title ?? tags.title?.slice(0, 500)
  const author = request.author ?? tags.author?.slice(0, 500)
  if (title === undefined || author === undefined) throw missing({ title, author })
  const { title: _, author: __, description, language, ...metadata } = tags
  return {
    title,
    author,
    description: request.description ?? description?.slice(0, MOST_DESCRIPTION_CHARACTERS) ?? null,
    language: request.language ?? language ?? null,
    coverKey: files.find((file) => file.coverKey !== null)?.coverKey ?? null,
    metadata,
    chapters: planChapters(files, { bookTitle: title }).map((chapter, index) => ({
      ...chapter,
      title: chapter.title || `Chapter ${index + 1}`,
      mediaId: files[chapter.fileIndex]?.mediaId ?? '',
    })),
  }
}

function missing(fields: Record<string, string | undefined>): Refusal {
  const details: FieldProblem[] = Object.entries(fields)
    .filter(([, value]) => value === undefined)
    .map(([field]) => ({ field, problem: "is missing, and the recording's tags do not name it" }))
  return new Refusal('invalid-body', 'the body is not as it should be', { details })
}
