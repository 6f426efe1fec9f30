import type { AudiobookJobs, JobView } from '@app/contracts'
import { durationText, secondsOf } from '../results/durations.ts'
import { fitted, type Painted, type Tone } from './painted.ts'

export interface BarsOptions {
  /** Of the terminal. */
  columns: number
  rows: number
  elapsedMs: number
}

/** Of the book as a whole; every other stage is of each chapter. */
const OF_BOOK = new Set(['summarize', 'tag'])
const BAR = 10
const NOTE = 8
const CELL = BAR + NOTE
const GAP = '  '
/** Headings, the book's own rows, the total, and the line that the cursor needs. */
const OTHER_ROWS = 9
const EIGHTHS = ' ▏▎▍▌▋▊▉'

/** The book's jobs as progress bars: a row for each chapter, one for the book, one for everything. */
export function planBars(view: AudiobookJobs, options: BarsOptions): Painted[] {
  const ofChapters = view.jobs.filter((job) => !OF_BOOK.has(job.job_type))
  const ofBook = view.jobs.filter((job) => OF_BOOK.has(job.job_type))
  const stages = [...new Set(ofChapters.map((job) => job.job_type))]
  const titleWidth = widthOfTitles(view, stages.length, options.columns)
  const row = (title: string, jobs: readonly JobView[]) => rowOf(fitted(title, titleWidth), jobs)
  const head = (types: readonly string[]) => headOf(titleWidth, types)

  const { shown, hidden } = choose(chaptersOf(ofChapters), Math.max(1, options.rows - OTHER_ROWS))
  return [
    head(stages),
    ...shown.map(({ number, title, jobs }) =>
      row(`${String(number).padStart(3)} ${title}`, inOrder(jobs, stages)),
    ),
    ...(hidden > 0 ? [[['dim', `    … and ${hidden} more`] as const]] : []),
    ...(ofBook.length > 0 ? [[], head(ofBook.map((job) => job.job_type)), row('    The book', ofBook)] : []),
    [],
    totalOf(view, options),
  ]
}

interface Chapter {
  number: number
  title: string
  jobs: JobView[]
}

function chaptersOf(jobs: readonly JobView[]): Chapter[] {
  const chapters = new Map<number, Chapter>()
  for (const job of jobs) {
    const { position = 0, title = '' } = job.chapter ?? {}
    const chapter = chapters.get(position) ?? { number: chapters.size + 1, title, jobs: [] }
    chapter.jobs.push(job)
    chapters.set(position, chapter)
  }
  return [...chapters.values()]
}

/** What is at work first, then what waits; what is done only while there is room. In the book's order. */
function choose(chapters: readonly Chapter[], room: number): { shown: Chapter[]; hidden: number } {
  if (chapters.length <= room) return { shown: [...chapters], hidden: 0 }
  const urgency = ({ jobs }: Chapter) => {
    if (jobs.some(({ status }) => status === 'running' || status === 'failed')) return 0
    return jobs.every(({ status }) => status === 'completed') ? 2 : 1
  }
  const shown = chapters.toSorted((a, b) => urgency(a) - urgency(b) || a.number - b.number).slice(0, room)
  return { shown: shown.sort((a, b) => a.number - b.number), hidden: chapters.length - room }
}

function inOrder(jobs: readonly JobView[], stages: readonly string[]): JobView[] {
  return jobs.toSorted((a, b) => stages.indexOf(a.job_type) - stages.indexOf(b.job_type))
}

function widthOfTitles({ jobs }: AudiobookJobs, stages: number, columns: number): number {
  const longest = Math.max(12, ...jobs.map(({ chapter }) => 4 + [...(chapter?.title ?? '')].length))
  return Math.max(12, Math.min(longest, columns - 1 - Math.max(2, stages) * (CELL + GAP.length)))
}

function headOf(titleWidth: number, stages: readonly string[]): Painted {
  return [['dim', ' '.repeat(titleWidth) + stages.map((stage) => GAP + stage.padEnd(CELL)).join('')]]
}

function rowOf(title: string, jobs: readonly JobView[]): Painted {
  return [title, ...jobs.flatMap((job) => [GAP, ...cellOf(job)])]
}

function cellOf(job: JobView): Painted {
  const tone = toneOf(job)
  const progress = job.status === 'completed' ? 1 : job.progress
  return [...barOf(progress, BAR, tone), [tone, noteOf(job).padStart(NOTE)]]
}

function barOf(progress: number, width: number, tone: Tone): Painted {
  const eighths = Math.round(Math.min(1, Math.max(0, progress)) * width * 8)
  const full = '█'.repeat(Math.floor(eighths / 8))
  const part = eighths % 8 > 0 ? (EIGHTHS[eighths % 8] ?? '') : ''
  return [
    [tone === 'dim' ? 'cyan' : tone, full + part],
    ['dim', '░'.repeat(width - full.length - part.length)],
  ]
}

function toneOf({ status }: JobView): Tone {
  if (status === 'completed') return 'green'
  if (status === 'failed' || status === 'cancelled') return 'red'
  return status === 'running' ? 'cyan' : 'dim'
}

function noteOf(job: JobView): string {
  const seconds = secondsOf(job)
  switch (job.status) {
    case 'completed':
      return seconds === undefined ? 'done' : `${seconds.toFixed(1)} s`
    case 'running':
      return `${Math.floor(job.progress * 100)} %`
    case 'queued':
      return job.attempt > 1 ? 'retries' : 'queued'
    case 'pending':
    case 'waiting':
      return 'waits'
    case 'failed':
    case 'cancelled':
      return job.status
  }
}

function totalOf(view: AudiobookJobs, { elapsedMs, columns }: BarsOptions): Painted {
  const counts = `${view.completed_jobs} of ${view.total_jobs} jobs`
  const failures = view.failed_jobs > 0 ? `, ${view.failed_jobs} failed` : ''
  const text =
    `${Math.floor(view.progress * 100)} %`.padStart(6) +
    `   ${counts}${failures}   ${durationText(elapsedMs)}`
  const width = Math.max(BAR, Math.min(40, columns - 5 - text.length))
  return ['    ', ...barOf(view.progress, width, view.failed_jobs > 0 ? 'red' : 'green'), text]
}
