import { z } from 'zod'
import { Category, Sentiment } from './language.ts'

// What language models are asked to answer, and all that is taken from an answer: whatever a transcript may talk a
// model into, no more than this comes of it. Lengths are limits of ours; models are not told them.

const line = z.string().trim().min(1).max(300)
const tags = z.array(z.string().trim().min(1).max(80)).max(50)

export const SummaryAnswer = z.object({ summary: z.string().trim().min(1).max(8_000) })

export const TagsAnswer = z.object({ tags })

export const AnalysisAnswer = z.object({
  summary: z.string().trim().min(1).max(8_000),
  topics: z.array(line).max(50),
  sentiment: Sentiment,
  category: Category,
})

export const DescriptionAnswer = z.object({
  title: line,
  description: z.string().trim().min(1).max(8_000),
  tags,
  /** `segment` is the number of the line it is about. */
  show_notes: z.array(z.object({ segment: z.int(), text: z.string().trim().min(1).max(1_000) })).max(200),
})

/** What is said in a part of a long text, to be read in its stead. */
export const DigestAnswer = z.object({
  points: z
    .array(z.object({ segment: z.int(), text: z.string().trim().min(1).max(2_000) }))
    .min(1)
    .max(500),
})

export const TranslationAnswer = z.object({
  lines: z.array(z.object({ number: z.int(), text: z.string().trim().max(20_000) })).max(2_000),
})
