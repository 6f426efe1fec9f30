import type { AudiobookJobs, JobView } from '@app/contracts'
import { expect, it } from 'vitest'
import { planNews } from './plan-news.ts'

const ID = '0b8f7d52-55e5-4c62-93a4-14a6e7dd6a01'

it('tells of what starts, and says nothing of what waits', () => {
  expect(planNews(undefined, view(job({ status: 'queued' })))).toEqual([])
  expect(planNews(view(job({ status: 'queued' })), view(job({ status: 'running' })))).toEqual([
    'tag “One”: starts',
  ])
})

it('tells of every quarter, once', () => {
  const at = (progress: number) => view(job({ status: 'running', progress }))

  expect(planNews(at(0), at(0.24))).toEqual([])
  expect(planNews(at(0.24), at(0.26))).toEqual(['tag “One”: 26 %'])
  expect(planNews(at(0.26), at(0.3))).toEqual([])
})

it('tells how long a job took, and why another failed or tries again', () => {
  const running = view(job({ status: 'running', started_at: '2026-01-01T00:00:00.000Z' }))
  const times = { started_at: '2026-01-01T00:00:00.000Z', completed_at: '2026-01-01T00:00:01.500Z' }

  expect(planNews(running, view(job({ status: 'completed', ...times })))).toEqual([
    'tag “One”: done in 1.5 s',
  ])
  expect(planNews(running, view(job({ status: 'failed', error_message: 'no such voice' })))).toEqual([
    'tag “One”: failed: no such voice',
  ])
  expect(planNews(running, view(job({ status: 'queued', attempt: 2, error_message: 'busy' })))).toEqual([
    'tag “One”: waits for another try: busy',
  ])
})

function view(one: JobView): AudiobookJobs {
  const totals = { progress: 0, total_jobs: 1, completed_jobs: 0, failed_jobs: 0 }
  return { audiobook_id: ID, jobs: [one], overall_status: 'processing', ...totals }
}

function job(facts: Partial<JobView>): JobView {
  return {
    id: ID,
    audiobook_id: ID,
    job_type: 'tag',
    status: 'queued',
    started_at: null,
    completed_at: null,
    attempt: 1,
    progress: 0,
    chapter: { id: ID, position: 1, title: 'One' },
    ...facts,
  }
}
