import type { EmbeddedChapter } from '../media-probe.ts'
import { type BookFile, tagOf } from './book-file.ts'
import { parseMediaMarkers } from './overdrive-markers.ts'
import { planFileTitles } from './plan-file-titles.ts'
import { SHORTEST_CHAPTER_MS, type Stretch, settleMarks } from './settle-marks.ts'

export interface PlannedChapter {
  title: string
  /** Index in the files that were given. */
  fileIndex: number
  /** In that file, from its start; never past the end of its sound. */
  startMs: number
  endMs: number
  source: 'embedded' | 'file'
}

/** The Bible has 1,189. Longer lists are no chapters, and each would be a job. */
export const MAX_CHAPTERS = 5000
/** Files last a little longer or shorter than the list's author measured; marks this close to a file's end mean it. */
const SNAP_MS = 2000

/**
 * The chapters of a book, in the order of its files: OverDrive's markers, else the chapters embedded in the
 * files, else one per file. A list that all files share is the whole book's and is used once. Every moment of
 * sound is in exactly one chapter, and no chapter spans files.
 */
export function planChapters(
  files: readonly BookFile[],
  { bookTitle }: { bookTitle?: string } = {},
): PlannedChapter[] {
  const titles = planFileTitles(files, bookTitle)
  const lists = files.map(marksOf)
  const perFile = isOneForAll(lists)
    ? shareOut(lists[0] ?? [], files)
    : files.map((file, i) => settleMarks(lists[i] ?? [], file.soundEndMs))
  const isTooMany = perFile.reduce((sum, list) => sum + list.length, 0) > MAX_CHAPTERS
  let untitled = 0
  return files.flatMap((file, fileIndex): PlannedChapter[] => {
    const list = isTooMany ? [] : (perFile[fileIndex] ?? [])
    if (list.length === 0) {
      untitled += 1
      return [
        { title: titles[fileIndex] ?? '', fileIndex, startMs: 0, endMs: file.soundEndMs, source: 'file' },
      ]
    }
    return list.map(({ title, startMs, endMs }) => {
      untitled += 1
      return { title: title ?? `Chapter ${untitled}`, fileIndex, startMs, endMs, source: 'embedded' as const }
    })
  })
}

function marksOf(file: BookFile): readonly EmbeddedChapter[] {
  const overdrive = parseMediaMarkers(tagOf(file, 'overdrive mediamarkers') ?? '')
  return overdrive.length > 0 ? overdrive : file.probe.chapters
}

function isOneForAll(lists: readonly (readonly EmbeddedChapter[])[]): boolean {
  const [first, ...others] = lists.map((list) =>
    JSON.stringify(list.map(({ startMs, endMs, title }) => [startMs, endMs, title])),
  )
  return others.length > 0 && (lists[0]?.length ?? 0) > 0 && others.every((other) => other === first)
}

/**
 * Lays a list for the whole book over its files, one after the other, and cuts chapters where files end.
 * Files behind the last chapter's end get nothing here, and so become chapters of their own.
 */
function shareOut(marks: readonly EmbeddedChapter[], files: readonly BookFile[]): Stretch[][] {
  const ends = files.map((_, index) =>
    files.slice(0, index + 1).reduce((sum, file) => sum + file.soundEndMs, 0),
  )
  const snap = (timeMs: number) => ends.find((end) => Math.abs(end - timeMs) <= SNAP_MS) ?? timeMs
  const listEndMs = snap(
    Math.max(...marks.map(({ startMs, endMs }) => Math.max(startMs + SHORTEST_CHAPTER_MS, endMs))),
  )
  const lastFile = ends.findIndex((end) => end >= listEndMs)
  const coveredMs = ends[lastFile] ?? ends.at(-1) ?? 0
  const book = settleMarks(
    marks.map((mark) => ({ ...mark, startMs: snap(mark.startMs) })),
    coveredMs,
  )
  return files.map((file, index) => piecesInside(book, (ends[index] ?? 0) - file.soundEndMs, file.soundEndMs))
}

function piecesInside(book: readonly Stretch[], offsetMs: number, durationMs: number): Stretch[] {
  return book.flatMap(({ title, startMs, endMs }) => {
    const piece = { startMs: Math.max(startMs - offsetMs, 0), endMs: Math.min(endMs - offsetMs, durationMs) }
    if (piece.endMs - piece.startMs < SHORTEST_CHAPTER_MS) return []
    return [{ ...piece, title: title && startMs < offsetMs ? `${title} (continued)` : title }]
  })
}
