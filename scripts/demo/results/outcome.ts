import type { AudiobookDetail, AudiobookJobs, JobView, SearchHit } from '@app/contracts'

/** Everything the demo has to say at its end. */
export interface Outcome {
  book: AudiobookDetail
  jobs: AudiobookJobs
  chapters: ChapterOutcome[]
  /** Undefined where nothing was said that could be searched for. */
  search: SearchOutcome | undefined
  /** From the first byte sent to the last job done. */
  seconds: number
  secondsPerStage: Record<string, number>
}

export interface ChapterOutcome {
  title: string
  durationMs: number
  /** Undefined where the chapter has no transcript. */
  text: string | undefined
  /** Undefined for a recording whose text we don't have. */
  wordErrorRate: number | undefined
}

export interface SearchOutcome {
  query: string
  /** Where the phrase truly is. */
  expected: Place
  /** The first hit of both kinds of search together, and of each alone. */
  found: Record<'both' | 'text' | 'vector', FoundPlace | undefined>
}

export interface Place {
  chapter: string
  startMs: number
}

export interface FoundPlace extends Place {
  quote: string
}

export function placeOf(hit: SearchHit | undefined): FoundPlace | undefined {
  return hit && { chapter: hit.chapter.title, startMs: hit.start_ms, quote: hit.quote }
}

export function isComplete({ jobs }: Pick<Outcome, 'jobs'>): boolean {
  return jobs.overall_status === 'completed' && jobs.completed_jobs === jobs.total_jobs
}

export function failuresOf({ jobs }: AudiobookJobs): JobView[] {
  return jobs.filter(({ status }) => status === 'failed' || status === 'cancelled')
}

export function meanWordErrorRate(chapters: readonly ChapterOutcome[]): number | undefined {
  const rates = chapters.flatMap(({ wordErrorRate }) => wordErrorRate ?? [])
  return rates.length === 0 ? undefined : rates.reduce((sum, rate) => sum + rate, 0) / rates.length
}

/** One line for programs; what each provider made of the same book stands beside what the first one did. */
export function outcomeJson(outcome: Outcome, byProvider: Readonly<Record<string, Outcome>> = {}): string {
  const providers = Object.entries(byProvider).map(([name, each]) => [
    name,
    { ...fieldsOf(each), ...makersOf(each) },
  ])
  return JSON.stringify({
    ...fieldsOf(outcome),
    ...(providers.length > 0 ? { providers: Object.fromEntries(providers) } : {}),
  })
}

function makersOf({ book: { chapters, summary, tags } }: Outcome) {
  const transcript = chapters[0]?.transcript
  const named = { transcript, summary, tags }
  const made = Object.entries(named).map(([what, by]) => [what, by ? `${by.provider} ${by.model}` : null])
  return { madeBy: Object.fromEntries(made) }
}

function fieldsOf(outcome: Outcome) {
  const { book, jobs, chapters, search, seconds, secondsPerStage } = outcome
  const found = search?.found.both
  return {
    audiobookId: book.id,
    totalJobs: jobs.total_jobs,
    completedJobs: jobs.completed_jobs,
    failedJobs: jobs.failed_jobs,
    chapters: chapters.map(({ title, durationMs, wordErrorRate }) => ({
      title,
      durationMs,
      wordErrorRate: wordErrorRate === undefined ? null : rounded(wordErrorRate),
    })),
    summary: book.summary?.text ?? null,
    tags: book.tags?.tags ?? [],
    search:
      search === undefined
        ? null
        : {
            query: search.query,
            chapter: found?.chapter ?? null,
            startMs: found?.startMs ?? null,
            expectedChapter: search.expected.chapter,
            expectedStartMs: search.expected.startMs,
            text: search.found.text ?? null,
            vector: search.found.vector ?? null,
          },
    seconds: rounded(seconds),
    secondsPerStage,
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
