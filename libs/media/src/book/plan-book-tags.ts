import { languageOf } from '../parse-probe.ts'
import { type BookFile, tagOf } from './book-file.ts'

export interface BookSeries {
  name: string
  /** As written: "3", "2.5", "1-3". */
  part?: string
}

/** What a book's files say about it; absent where they say nothing. */
export interface BookTags {
  title?: string
  author?: string
  narrators: string[]
  /** Of publication. */
  year?: number
  description?: string
  series: BookSeries[]
  genres: string[]
  /** BCP 47. */
  language?: string
  isbn?: string
  asin?: string
}

/** Reads a book's tags the way audiobook tools write them; the first file that has a tag speaks for all. */
export function planBookTags(files: readonly BookFile[]): BookTags {
  const first = (...keys: string[]) =>
    files.map((file) => tagOf(file, ...keys)).find((value) => value !== undefined)
  const tags: BookTags = {
    narrators: listOf(first('composer', 'narrator', '©nrt')),
    series: seriesOf(first),
    genres: listOf(first('genre')),
  }
  const single = {
    title: first('album') ?? sharedTitle(files),
    author: first('artist') ?? first('album_artist', 'albumartist', 'album artist'),
    year: yearOf(first('date', 'year', 'originalyear', 'tyer')),
    description: first('description', 'synopsis') ?? first('comment'),
    language: languageOf(first('language', 'lang')),
    isbn: first('isbn'),
    asin: first('asin', 'audible_asin'),
  }
  const present = Object.entries(single).filter(([, value]) => value !== undefined)
  return { ...tags, ...Object.fromEntries(present) }
}

/** Without an album the title tag names the book, unless there are several: then it names chapters. */
function sharedTitle(files: readonly BookFile[]): string | undefined {
  const titles = new Set(files.map((file) => tagOf(file, 'title')))
  return titles.size === 1 ? [...titles][0] : undefined
}

function yearOf(date: string | undefined): number | undefined {
  const year = /(?<!\d)\d{4}(?!\d)/.exec(date ?? '')?.[0]
  return year === undefined ? undefined : Number(year)
}

/** Lists are written "a; b", "a/b" or "a//b". */
function listOf(value: string | undefined): string[] {
  const parts = value?.split(/\/\/?|;/).map((part) => part.trim()) ?? []
  return [...new Set(parts.filter((part) => part !== ''))]
}

function seriesOf(first: (...keys: string[]) => string | undefined): BookSeries[] {
  const name = first('series', 'mvnm', 'movementname')
  const part = first('series-part', 'series_part', 'mvin', 'movement')
  if (name) return [{ name, ...(part ? { part } : {}) }]
  return listOf(first('grouping', 'grp1', 'tit1')).flatMap((entry) => {
    const [, title, number] = /^(.*\S)\s*#\s*(\S+)$/.exec(entry) ?? []
    return title && number ? [{ name: title, part: number }] : []
  })
}
