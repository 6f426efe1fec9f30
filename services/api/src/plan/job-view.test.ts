import { JobView } from '@app/contracts'
import { expect, it } from 'vitest'
import { type JobFacts, jobView } from './job-view.ts'

const BOOK = '0b6a2c8e-1f5d-4c3b-9a7e-2d4f6b8c0e1a'
const facts: JobFacts = {
  id: '1c7b3d9f-2a6e-4d4c-8b8f-3e5a7c9d1f2b',
  type: 'transcribe',
  status: 'running',
  startedAt: '2026-11-20T14:00:00.123456+00:00',
  completedAt: null,
  chapterId: '2d8c4ea0-3b7f-4e5d-9c90-4f6b8d0e2a3c',
  position: 1,
  title: 'One',
  attempts: 0,
  progress: 0.5,
  errorMessage: null,
  provider: null,
}

it('leaves out what there is not', () => {
  const view = jobView(BOOK, { ...facts, chapterId: null, position: null, title: null })

  expect(JobView.parse(view)).toEqual(view)
  expect(Object.keys(view)).not.toEqual(expect.arrayContaining(['chapter', 'error_message', 'provider']))
  expect(view.started_at).toBe('2026-11-20T14:00:00.123Z')
})

it.each([
  ['in its first run', 'running', 0, 1],
  ['waiting for its second', 'queued', 1, 2],
  ['failed in its third', 'failed', 3, 3],
  ['failed for good at once', 'failed', 0, 1],
  ['completed in its second', 'completed', 1, 2],
] as const)('counts the runs of a job that is %s', (_, status, attempts, attempt) => {
  expect(jobView(BOOK, { ...facts, status, attempts }).attempt).toBe(attempt)
})

it('shows why a run failed, and forgets it once one has succeeded', () => {
  const failed = { ...facts, errorMessage: 'no model for zh' }

  expect(jobView(BOOK, { ...failed, status: 'queued' }).error_message).toBe('no model for zh')
  expect(jobView(BOOK, { ...failed, status: 'completed' }).error_message).toBeUndefined()
})
