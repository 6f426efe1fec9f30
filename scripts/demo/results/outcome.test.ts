import type { AudiobookJobs } from '@app/contracts'
import { expect, it } from 'vitest'
import { plainText } from '../screen/painted.ts'
import { isComplete, type Outcome, outcomeJson } from './outcome.ts'
import { planReport } from './plan-report.ts'

const ID = '0b8f7d52-55e5-4c62-93a4-14a6e7dd6a01'
const AT = '2026-01-01T00:00:00.000Z'
const origin = { provider: 'local', model: 'test-1' }

it('says in one line of JSON what came of the book', () => {
  const line = outcomeJson(outcome())

  expect(line).not.toContain('\n')
  expect(JSON.parse(line)).toMatchObject({
    audiobookId: ID,
    totalJobs: 1,
    completedJobs: 1,
    failedJobs: 0,
    chapters: [{ title: 'One', durationMs: 61_000, wordErrorRate: 0.123 }],
    summary: 'It is short.',
    tags: ['one', 'two'],
    search: { query: 'a few words', chapter: 'One', startMs: 4_000, expectedStartMs: 3_500 },
    seconds: 12.5,
  })
})

it('leaves open in JSON what there is not, rather than making it up', () => {
  const empty = outcome()
  const book = { ...empty.book, summary: null, tags: null }
  const chapters = [{ title: 'One', durationMs: 1, text: '', wordErrorRate: undefined }]

  const answer = JSON.parse(outcomeJson({ ...empty, book, chapters, search: undefined }))

  expect(answer).toMatchObject({ summary: null, tags: [], chapters: [{ wordErrorRate: null }], search: null })
})

it('has what each provider gave beside what it says without them', () => {
  const alone = JSON.parse(outcomeJson(outcome()))

  const { providers, ...rest } = JSON.parse(outcomeJson(outcome(), { revai: outcome(), gemini: outcome() }))

  expect(rest).toEqual(alone)
  expect(Object.keys(providers)).toEqual(['revai', 'gemini'])
  expect(providers.gemini).toMatchObject({ ...alone, madeBy: { summary: 'local test-1' } })
})

it('is complete only when every job is', () => {
  expect(isComplete(outcome())).toBe(true)
  expect(isComplete({ jobs: { ...jobs(), completed_jobs: 0 } })).toBe(false)
  expect(isComplete({ jobs: { ...jobs(), overall_status: 'failed' } })).toBe(false)
})

it('tells people how far off a search was, and whether that is a miss', () => {
  const given = outcome()
  const astray = { chapter: 'Two', startMs: 1_000, quote: 'a few birds' }
  if (given.search) given.search.found.both = astray

  const text = planReport(given, 80).map(plainText).join('\n')

  expect(text).toContain('by its words       4.0 s of One  ✓ 0.5 s off  “a few words”')
  expect(text).toContain('by its vectors    20.0 s of One  ✗ 16.5 s off')
  expect(text).toContain('by both            1.0 s of Two  ✗ another chapter')
})

it('shows the beginning of long transcripts and of long books, and says so', () => {
  const chapter = { title: 'Long', durationMs: 1_000, text: 'word '.repeat(500), wordErrorRate: undefined }
  const untold = { ...chapter, title: 'Failed', text: undefined }

  const text = planReport({ ...outcome(), chapters: [untold, ...Array(8).fill(chapter)] }, 80).map(plainText)

  expect(text.join('\n')).toContain('1 Failed  0:01\n  (not transcribed)')
  expect(text.filter((line) => line.includes('all of it: '))).toHaveLength(4)
  expect(text).toContain('  … and 4 more chapters')
})

it('tells people why a job failed', () => {
  const [job] = jobs().jobs
  const failed = { ...job, status: 'failed', error_message: 'no such language' } as const
  const text = planReport({ ...outcome(), jobs: { ...jobs(), jobs: [failed as never] } }, 80)

  expect(text.map(plainText).join('\n')).toContain('transcribe of “One” failed\n  no such language')
})

function outcome(): Outcome {
  const hit = (chapter: string, startMs: number) => ({ chapter, startMs, quote: 'a few words' })
  return {
    book: {
      id: ID,
      title: 'Book',
      author: 'Author',
      language: null,
      is_public: false,
      status: 'completed',
      chapter_count: 1,
      duration_ms: 61_000,
      created_at: AT,
      updated_at: AT,
      description: null,
      cover_url: null,
      metadata: {},
      chapters: [],
      summary: { text: 'It is short.', ...origin },
      tags: { tags: ['one', 'two'], ...origin },
    },
    jobs: jobs(),
    chapters: [{ title: 'One', durationMs: 61_000, text: 'what was heard', wordErrorRate: 0.12345 }],
    search: {
      query: 'a few words',
      expected: { chapter: 'One', startMs: 3_500 },
      found: { both: hit('One', 4_000), text: hit('One', 4_000), vector: hit('One', 20_000) },
    },
    seconds: 12.5,
    secondsPerStage: { transcribe: 10 },
  }
}

function jobs(): AudiobookJobs {
  const job = { id: ID, audiobook_id: ID, job_type: 'transcribe', attempt: 1, progress: 1 }
  const chapter = { id: ID, position: 1, title: 'One' }
  return {
    audiobook_id: ID,
    jobs: [{ ...job, status: 'completed', started_at: AT, completed_at: AT, chapter }],
    overall_status: 'completed',
    progress: 1,
    total_jobs: 1,
    completed_jobs: 1,
    failed_jobs: 0,
  }
}
