import { z } from 'zod'

/** BCP 47, as far as it matters here: a language, perhaps a script, perhaps a region. */
export const LanguageTag = z
  .string()
  .regex(/^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$/, 'a language tag such as "en" or "pt-BR"')
  // Pages that show the API would make one up from the pattern.
  .meta({ example: 'en' })

/** Who made a text, so that every result row and screen can say so. */
export const Origin = z.object({
  provider: z.string(),
  model: z.string(),
  promptVersion: z.string().optional(),
})
export type Origin = z.infer<typeof Origin>

export const Summary = Origin.extend({ text: z.string() })
export type Summary = z.infer<typeof Summary>

export const Tags = Origin.extend({ tags: z.array(z.string()) })
export type Tags = z.infer<typeof Tags>

export const Sentiment = z.enum(['positive', 'neutral', 'negative', 'mixed'])
export type Sentiment = z.infer<typeof Sentiment>

/** What kind of recording it is. `other` is a judgement too: none of these. */
export const Category = z.enum([
  ...(['fiction', 'biography', 'history', 'science', 'technology', 'business', 'news', 'politics'] as const),
  ...(['religion', 'philosophy', 'health', 'education', 'arts', 'sports', 'entertainment'] as const),
  ...(['travel', 'personal', 'other'] as const),
])
export type Category = z.infer<typeof Category>

export const Analysis = Origin.extend({
  summary: z.string(),
  topics: z.array(z.string()),
  /** Null where whoever read it can not judge that. */
  sentiment: Sentiment.nullable(),
  category: Category.nullable(),
})
export type Analysis = z.infer<typeof Analysis>

/** A place worth going to: what is said from `startMs` on, counted as the transcript's times are. */
export const ShowNote = z.object({ startMs: z.int().nonnegative(), text: z.string() })
export type ShowNote = z.infer<typeof ShowNote>

export const Description = Origin.extend({
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  showNotes: z.array(ShowNote),
})
export type Description = z.infer<typeof Description>

export const TranslatedSegment = z.object({
  startMs: z.int().nonnegative(),
  endMs: z.int().nonnegative(),
  text: z.string(),
  speaker: z.string().optional(),
})
export type TranslatedSegment = z.infer<typeof TranslatedSegment>

/** A transcript in another language: one segment for each of its own, with the same times, in the same order. */
export const Translation = Origin.extend({
  /** BCP 47. */
  language: z.string(),
  sourceLanguage: z.string(),
  segments: z.array(TranslatedSegment),
})
export type Translation = z.infer<typeof Translation>

/** One searchable passage with its place in the recording and its vector. */
export const EmbeddedChunk = z.object({
  index: z.int().nonnegative(),
  startMs: z.int().nonnegative(),
  endMs: z.int().nonnegative(),
  text: z.string(),
  vector: z.array(z.number()),
})
export type EmbeddedChunk = z.infer<typeof EmbeddedChunk>

/** Vectors of different models never mix: model and dimensions stand on every row. */
export const Embedding = z.object({
  provider: z.string(),
  model: z.string(),
  dimensions: z.int().positive(),
  chunks: z.array(EmbeddedChunk),
})
export type Embedding = z.infer<typeof Embedding>
