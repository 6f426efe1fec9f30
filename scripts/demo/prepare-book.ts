import { existsSync } from 'node:fs'
import path from 'node:path'
import { hasFlite } from '@app/media'
import { FatalError } from '@app/runtime'
import { type MadeChapter, makeBook } from './book/make-book.ts'
import type { BookToSend } from './client/send-book.ts'
import type { DemoOptions } from './options.ts'
import { durationText } from './results/durations.ts'
import type { Tell } from './screen/tell.ts'
import { DEMO_TEXT } from './text.ts'

/** A recording to be sent, and what is truly said in it where we know. */
export interface PreparedBook {
  book: BookToSend
  made: readonly MadeChapter[] | undefined
}

/** Before anything is started: these are mistakes that the user can mend at once. */
export async function checkFiles({ files }: Pick<DemoOptions, 'files'>): Promise<void> {
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined) throw new FatalError('file-not-found', `There is no file ${missing}`)
  if (files.length > 0 || (await hasFlite())) return
  throw new FatalError(
    'synthesizer-missing',
    'The demo has its book read aloud by ffmpeg’s speech synthesizer, and this ffmpeg was built without one (flite).\n' +
      'Give it a recording of your own instead: npm run demo -- --file BOOK.m4b',
  )
}

/** The user's recording, or one read aloud in `directory`. */
export async function prepareBook(
  options: DemoOptions,
  { directory, tell, signal }: { directory: string; tell: Tell; signal: AbortSignal },
): Promise<PreparedBook> {
  if (options.files.length > 0) return { book: ownRecording(options), made: undefined }
  tell.doing('Having three first pages read aloud')
  const book = await makeBook(DEMO_TEXT, { directory, signal })
  const durationMs = book.chapters.reduce((sum, chapter) => sum + chapter.durationMs, 0)
  tell.done(`“${book.title}”, ${book.chapters.length} chapters, ${durationText(durationMs)}`)
  return { book: { files: book.files }, made: book.chapters }
}

function ownRecording({ files, language }: DemoOptions): BookToSend {
  const title = path.parse(files[0] ?? '').name
  return { files: files.map((file) => ({ path: file })), language, fallback: { title, author: 'Unknown' } }
}
