import type { EmbeddedChapter } from '../media-probe.ts'

/** One file of a book, as planners need it: `{ fileName, ...inspection }`. */
export interface BookFile {
  /** As its sender named it. */
  fileName: string
  /** What its sender said about it, where they did: wins over tags and names. */
  title?: string | null | undefined
  position?: number | null | undefined
  /** Where its sound ends, from decoding it. */
  soundEndMs: number
  probe: { tags: Record<string, string>; chapters: readonly EmbeddedChapter[] }
}

/** The first of these tags that has a value that can be read: U+FFFD stands where its bytes were no text. */
export function tagOf({ probe }: BookFile, ...keys: string[]): string | undefined {
  return keys.map((key) => probe.tags[key]).find((value) => value !== undefined && !value.includes('\ufffd'))
}

/** A name as people read it: without folder and extension, underscores as spaces. */
export function readableName(fileName: string): string {
  const base = fileName.split(/[/\\]/).at(-1) ?? fileName
  const stem = base.replace(/\.[a-z0-9]{1,5}$/i, '')
  const words = stem.replaceAll('_', ' ').replace(/\s+/g, ' ').trim()
  return words === '' ? base : words
}
