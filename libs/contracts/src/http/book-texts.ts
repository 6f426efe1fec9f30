import { z } from 'zod'
import { Analysis, Description, LanguageTag, ShowNote, TranslatedSegment, Translation } from '../language.ts'
import { JobStatus } from '../states.ts'

/** Where a language model's work on a text stands. A failed one may be asked for again. */
export const TextWork = z.object({
  job_id: z.uuid(),
  status: JobStatus,
  /** 0 to 1. */
  progress: z.number(),
  requested_at: z.iso.datetime(),
  error_code: z.string().optional(),
  error_message: z.string().optional(),
})
export type TextWork = z.infer<typeof TextWork>

const chapter_id = z.guid().optional()

/** Of a chapter, where one is named; else of all of the book that is transcribed. */
export const RequestTextWork = z.object({ chapter_id })
export const ReadTextWork = z.object({ chapter_id })

export const RequestTranslation = z.object({ language: LanguageTag })

const origin = { provider: z.string(), model: z.string(), prompt_version: z.string().nullable() }
const written = { ...origin, created_at: z.iso.datetime() }

export const AnalysisView = Analysis.omit({ promptVersion: true }).extend(written)
export type AnalysisView = z.infer<typeof AnalysisView>

export const DescriptionView = Description.omit({ promptVersion: true, showNotes: true }).extend({
  ...written,
  show_notes: z.array(z.object({ start_ms: ShowNote.shape.startMs, text: ShowNote.shape.text })),
})
export type DescriptionView = z.infer<typeof DescriptionView>

/** The last result there is, and the last work that was asked for; each null where there is none. */
export const AnalysisAnswerView = z.object({ analysis: AnalysisView.nullable(), work: TextWork.nullable() })
export type AnalysisAnswerView = z.infer<typeof AnalysisAnswerView>

export const DescriptionAnswerView = z.object({
  description: DescriptionView.nullable(),
  work: TextWork.nullable(),
})
export type DescriptionAnswerView = z.infer<typeof DescriptionAnswerView>

export const TranslationBrief = z.object({
  language: z.string(),
  /** Null until it is ready. */
  translation: z.object({ ...written, source_language: z.string() }).nullable(),
  work: TextWork.nullable(),
})

/** By language. */
export const Translations = z.object({ translations: z.array(TranslationBrief) })
export type Translations = z.infer<typeof Translations>

export const TranslationView = Translation.omit({
  promptVersion: true,
  sourceLanguage: true,
  segments: true,
}).extend({
  ...origin,
  source_language: z.string(),
  segments: z.array(
    z.object({
      start_ms: TranslatedSegment.shape.startMs,
      end_ms: TranslatedSegment.shape.endMs,
      text: z.string(),
      speaker: z.string().optional(),
    }),
  ),
})
export type TranslationView = z.infer<typeof TranslationView>
