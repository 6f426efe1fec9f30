import {
  AnalysisView,
  DescriptionView,
  type TextWork,
  type Translation,
  type TranslationView,
} from '@app/contracts'
import { aiOutputOf, type Db } from '@app/db'
import { lastTextWork, type TextWorkKey } from '../queries/text-work.ts'
import type { BookText } from './access.ts'

/** A chapter's analysis, or a book's; null while there is none. */
export async function analysisOf(db: Db, subject: BookText): Promise<AnalysisView | null> {
  const output = await outputOf(db, subject, 'analysis')
  return output ? AnalysisView.parse(output) : null
}

export async function descriptionOf(db: Db, subject: BookText): Promise<DescriptionView | null> {
  const output = await outputOf(db, subject, 'description')
  if (!output) return null
  const notes = output.showNotes as { startMs: number; text: string }[]
  return DescriptionView.parse({
    ...output,
    show_notes: notes.map(({ startMs, text }) => ({ start_ms: startMs, text })),
  })
}

/** The last work that was asked for; null where none was. */
export async function lastWork(db: Db, key: TextWorkKey): Promise<TextWork | null> {
  return (await lastTextWork(db, key))[0]?.work ?? null
}

async function outputOf(
  db: Db,
  { audiobookId, chapterId }: BookText,
  kind: string,
): Promise<Record<string, unknown> | undefined> {
  const subject =
    chapterId === undefined
      ? { subjectKind: 'audiobook', subjectId: audiobookId }
      : { subjectKind: 'chapter', subjectId: chapterId }
  const output = await aiOutputOf(db, { ...subject, kind })
  if (!output) return undefined
  const { content, provider, model, promptVersion, createdAt } = output
  const written = { provider, model, prompt_version: promptVersion, created_at: createdAt.toISOString() }
  return { ...(content as object), ...written }
}

export function translationView(translation: Translation): TranslationView {
  const { provider, model, promptVersion, language, sourceLanguage, segments } = translation
  return {
    ...{ provider, model, prompt_version: promptVersion ?? null },
    ...{ language, source_language: sourceLanguage },
    segments: segments.map(({ startMs, endMs, text, speaker }) => ({
      ...{ start_ms: startMs, end_ms: endMs, text },
      ...(speaker === undefined ? {} : { speaker }),
    })),
  }
}
