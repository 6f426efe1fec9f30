import { z } from 'zod'

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
