import { type BookFile, readableName, tagOf } from './book-file.ts'

/**
 * A title for each file that is a chapter: what the sender gave; else the title tags, but only if every file
 * has one, all differ and none is the book's own; else the file names.
 */
export function planFileTitles(files: readonly BookFile[], bookTitle?: string | undefined): string[] {
  const tags = files.map((file) => tagOf(file, 'title'))
  const areTitles =
    !tags.includes(undefined) && new Set(tags).size === tags.length && !tags.includes(bookTitle)
  return files.map((file, index) => {
    const given = file.title?.trim()
    return given || (areTitles ? tags[index] : undefined) || readableName(file.fileName)
  })
}
