import type { AudiobookDetail } from '@app/contracts'
import { fitted, type Painted } from '../screen/painted.ts'
import { durationText } from './durations.ts'
import { type ChapterOutcome, failuresOf, meanWordErrorRate, type Outcome, type Place } from './outcome.ts'

const INDENT = 2
const WIDEST = 100
/** Of a chapter; the whole is at the address beside it. */
const MOST_CHARACTERS = 900
/** Of a book that has many; nobody reads them all here. */
const MOST_CHAPTERS = 5
/** A search that is further off has missed. */
export const TOLERANCE_MS = 3_000

/** What became of the book, for people. */
export function planReport(outcome: Outcome, columns: number): Painted[] {
  const width = Math.min(columns, WIDEST) - INDENT
  return [
    ...section('Transcript', transcriptOf(outcome, width)),
    ...section('Summary', originated(outcome.book.summary?.text, outcome.book.summary, width)),
    ...section('Tags', originated(outcome.book.tags?.tags.join(' · '), outcome.book.tags, width)),
    ...section('Search', searchOf(outcome)),
    ...section('Word error rate', ratesOf(outcome.chapters)),
    ...section('Time', timesOf(outcome)),
    ...section('Failed', failedOf(outcome, width)),
  ]
}

function section(title: string, lines: readonly Painted[]): Painted[] {
  if (lines.length === 0) return []
  return [
    [],
    [['bold', title]],
    ...lines.map((line) => (line.length > 0 ? [' '.repeat(INDENT), ...line] : line)),
  ]
}

function transcriptOf({ chapters, book }: Outcome, width: number): Painted[] {
  const more = chapters.length - MOST_CHAPTERS
  return [
    ...chapters.slice(0, MOST_CHAPTERS).flatMap(({ title, durationMs, text }, index) => [
      ...(index > 0 ? [[]] : []),
      [
        ['cyan', `${index + 1} ${title}`],
        ['dim', `  ${durationText(durationMs)}${origin(book.chapters[index])}`],
      ] as const,
      ...excerpt(text, book.chapters[index]?.transcript_url, width),
    ]),
    ...(more > 0 ? [[], [['dim', `… and ${more} more chapters`] as const]] : []),
  ]
}

function origin(chapter: AudiobookDetail['chapters'][number] | undefined): string {
  return chapter?.transcript ? `, by ${chapter.transcript.provider} ${chapter.transcript.model}` : ''
}

function excerpt(text: string | undefined, url: string | null | undefined, width: number): Painted[] {
  if (!text) return [[['dim', text === undefined ? '(not transcribed)' : '(no speech)']]]
  if (text.length <= MOST_CHARACTERS) return wrapped(text, width)
  return [...wrapped(`${text.slice(0, MOST_CHARACTERS)} …`, width), [['dim', `all of it: ${url ?? ''}`]]]
}

function originated(
  text: string | undefined,
  origin: { provider: string; model: string } | null,
  width: number,
): Painted[] {
  if (text === undefined || !origin) return []
  return [...wrapped(text || '(none)', width), [['dim', `by ${origin.provider} ${origin.model}`]]]
}

function searchOf({ search }: Outcome): Painted[] {
  if (!search) return []
  const kinds = { text: 'by its words', vector: 'by its vectors', both: 'by both' }
  return [
    [`“${search.query}”`],
    ['is truly at'.padEnd(16), ...placed(search.expected)],
    ...Object.entries(kinds).map(([mode, name]): Painted => {
      const found = search.found[mode as keyof typeof kinds]
      if (!found) return [name.padEnd(16), ['red', 'not found']]
      return [
        name.padEnd(16),
        ...placed(found),
        '  ',
        verdict(found, search.expected),
        ['dim', `  “${found.quote}”`],
      ]
    }),
  ]
}

function placed({ chapter, startMs }: Place): Painted {
  return [`${(startMs / 1000).toFixed(1).padStart(6)} s of ${chapter}`]
}

function verdict(found: Place, expected: Place): Painted[number] {
  const offMs = Math.abs(found.startMs - expected.startMs)
  if (found.chapter !== expected.chapter) return ['red', '✗ another chapter']
  return [
    offMs <= TOLERANCE_MS ? 'green' : 'red',
    `${offMs <= TOLERANCE_MS ? '✓' : '✗'} ${(offMs / 1000).toFixed(1)} s off`,
  ]
}

function ratesOf(chapters: readonly ChapterOutcome[]): Painted[] {
  const mean = meanWordErrorRate(chapters)
  if (mean === undefined) return []
  const width = Math.max('on average'.length, ...chapters.map(({ title }) => title.length))
  const row = (title: string, rate: number): Painted => [
    fitted(title, width),
    `${(rate * 100).toFixed(1)} %`.padStart(9),
  ]
  return [
    ...chapters.map(({ title, wordErrorRate = 0 }) => row(title, wordErrorRate)),
    row('on average', mean),
  ]
}

function timesOf({ secondsPerStage, seconds, chapters }: Outcome): Painted[] {
  const recordingMs = chapters.reduce((sum, { durationMs }) => sum + durationMs, 0)
  return [
    ...Object.entries(secondsPerStage).map(
      ([stage, value]): Painted => [stage.padEnd(12), `${value.toFixed(1)} s`.padStart(9)],
    ),
    [
      'altogether'.padEnd(12),
      `${seconds.toFixed(1)} s`.padStart(9),
      ['dim', `  for ${durationText(recordingMs)} of sound`],
    ],
  ]
}

function failedOf({ jobs }: Outcome, width: number): Painted[] {
  return failuresOf(jobs).flatMap(({ job_type, chapter, status, error_message }) => [
    [['red', `${job_type}${chapter ? ` of “${chapter.title}”` : ''} ${status}`] as const],
    ...wrapped(error_message ?? '', width),
  ])
}

/** Broken between words; a longer word has a line of its own. */
export function wrapped(text: string, width: number): Painted[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/u).filter(Boolean)) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => [line])
}
