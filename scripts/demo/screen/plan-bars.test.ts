import type { AudiobookJobs, JobView } from '@app/contracts'
import { expect, it } from 'vitest'
import { plainText } from './painted.ts'
import { planBars } from './plan-bars.ts'

const TERMINAL = { columns: 80, rows: 30, elapsedMs: 72_000 }
const ids = Array.from(
  { length: 200 },
  (_, index) => `0b8f7d52-55e5-4c62-93a4-${String(index).padStart(12, '0')}`,
)

it('shows a bar for each chapter and stage, for the book, and for everything', () => {
  const view = book([
    job({ chapter: 1, type: 'transcribe', status: 'completed', progress: 1 }),
    job({ chapter: 1, type: 'summarize', status: 'running', progress: 0 }),
    job({ chapter: 1, type: 'tag', status: 'queued', progress: 0 }),
    job({ chapter: 1, type: 'embed', status: 'failed', progress: 0.5 }),
    job({ chapter: 2, type: 'transcribe', status: 'running', progress: 0.45 }),
    job({ chapter: 2, type: 'embed', status: 'pending', progress: 0 }),
  ])

  expect(text(view)).toEqual([
    '               transcribe          embed',
    '  1 Chapter 1  ██████████   2.5 s  █████░░░░░  failed',
    '  2 Chapter 2  ████▌░░░░░    45 %  ░░░░░░░░░░   waits',
    '',
    '               summarize           tag',
    '    The book   ░░░░░░░░░░     0 %  ░░░░░░░░░░  queued',
    '',
    '    ████████▉░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  23 %   1 of 6 jobs, 1 failed   1:12',
  ])
})

it.each([60, 80, 200])('never writes beyond the edge of a terminal %i columns wide', (columns) => {
  const title = 'A chapter whose title is a good deal longer than any terminal that people use is wide'
  const view = book([
    {
      ...job({ chapter: 1, type: 'transcribe', status: 'running', progress: 0.3 }),
      chapter: chapter(1, title),
    },
    { ...job({ chapter: 1, type: 'embed', status: 'pending', progress: 0 }), chapter: chapter(1, title) },
  ])

  for (const line of text(view, { ...TERMINAL, columns })) {
    expect([...line].length).toBeLessThan(columns)
  }
})

it('shows what is at work where a book has more chapters than the terminal has rows', () => {
  const jobs = Array.from({ length: 100 }, (_, index) => {
    const status = index < 60 ? 'completed' : index === 60 ? 'running' : 'queued'
    return job({ chapter: index + 1, type: 'transcribe', status, progress: index < 60 ? 1 : 0 })
  })

  const lines = text(book(jobs), { ...TERMINAL, rows: 24 })

  expect(lines.length).toBeLessThan(24)
  expect(lines.some((line) => line.includes(' 61 Chapter 61'))).toBe(true)
  expect(lines.some((line) => line.includes('… and 85 more'))).toBe(true)
})

function text(view: AudiobookJobs, terminal = TERMINAL): string[] {
  return planBars(view, terminal).map((line) => plainText(line).trimEnd())
}

function book(jobs: JobView[]): AudiobookJobs {
  const count = (status: string) => jobs.filter((one) => one.status === status).length
  return {
    audiobook_id: ids[0] ?? '',
    jobs,
    overall_status: 'processing',
    progress: 0.2333,
    total_jobs: jobs.length,
    completed_jobs: count('completed'),
    failed_jobs: count('failed'),
  }
}

interface JobFacts {
  chapter: number
  type: string
  status: JobView['status']
  progress: number
}

function job({ chapter: position, type, status, progress }: JobFacts): JobView {
  return {
    id: ids[position] ?? '',
    audiobook_id: ids[0] ?? '',
    job_type: type,
    status,
    started_at: '2026-01-01T00:00:00.000Z',
    completed_at: status === 'completed' ? '2026-01-01T00:00:02.500Z' : null,
    chapter: chapter(position, `Chapter ${position}`),
    attempt: 1,
    progress,
  }
}

function chapter(position: number, title: string) {
  return { id: ids[position] ?? '', position, title }
}
