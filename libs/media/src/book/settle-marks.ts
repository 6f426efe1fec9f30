import type { EmbeddedChapter } from '../media-probe.ts'

/** Shorter chapters are slips of a mark, or marks of nothing. */
export const SHORTEST_CHAPTER_MS = 100

/** A chapter whose title may be missing, inside one stretch of sound. */
export interface Stretch {
  startMs: number
  endMs: number
  title?: string | undefined
}

/**
 * Turns chapter marks as found into chapters that cover `endMs` of sound without gap or overlap: nothing that
 * was said may be left out, and nothing transcribed twice. Starts are believed, ends aren't: each chapter runs
 * to the next, the last to the end. Empty when no mark lies inside the sound.
 */
export function settleMarks(marks: readonly EmbeddedChapter[], endMs: number): Stretch[] {
  const starts = substantial(marks)
    .map((mark) => ({ ...mark, startMs: Math.max(0, mark.startMs) }))
    .filter(({ startMs }) => startMs <= endMs - SHORTEST_CHAPTER_MS)
    // Of a part and its first chapter, which begin together, the part comes first and is left out below.
    .toSorted((a, b) => a.startMs - b.startMs || b.endMs - a.endMs)
  const chapters: Stretch[] = []
  for (const { startMs, title } of starts) {
    const previous = chapters.at(-1)
    if (previous && startMs - previous.startMs < SHORTEST_CHAPTER_MS) chapters.pop()
    const from = chapters.length === 0 ? 0 : startMs
    const last = chapters.at(-1)
    if (last) last.endMs = from
    chapters.push({ startMs: from, endMs, title })
  }
  return chapters
}

/** Without those that say of themselves that they are next to nothing, unless all do: then they are plain marks. */
function substantial(marks: readonly EmbeddedChapter[]): readonly EmbeddedChapter[] {
  const kept = marks.filter(({ startMs, endMs }) => endMs < startMs || endMs - startMs >= SHORTEST_CHAPTER_MS)
  return kept.length > 0 ? kept : marks
}
