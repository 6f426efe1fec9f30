import type { Db, TextOf } from '@app/db'
import type { Job, RunContext } from '@app/jobs'
import type { LanguageModel, LanguageOptions } from './language/port.ts'

export interface LanguageDeps {
  db: Db
  language: LanguageModel
}

/** A run's context as a language model takes it: what is asked costs this job's owner, and its steps are kept. */
export function optionsOf(
  { id, ownerId }: Pick<Job<unknown>, 'id' | 'ownerId'>,
  { signal, step, report, limits }: RunContext,
): LanguageOptions {
  return { signal, step, report, limits, jobId: id, ownerId }
}

/** Whose output it is: the chapter's where one is named, else the book's. */
export const subjectOf = ({ audiobookId = '', chapterId }: TextOf) =>
  chapterId === undefined
    ? { subjectKind: 'audiobook', subjectId: audiobookId }
    : { subjectKind: 'chapter', subjectId: chapterId }
