import type { JobStatus } from '@app/contracts'
import { expect, it } from 'vitest'
import { overallProgress, overallStatus } from './status.ts'

it.each<[JobStatus[], string]>([
  [['completed', 'completed'], 'completed'],
  [['completed', 'running'], 'processing'],
  [['failed', 'queued'], 'processing'],
  [['failed', 'waiting'], 'processing'],
  [['failed', 'pending'], 'failed'],
  [['failed', 'completed'], 'failed'],
  [['cancelled', 'completed'], 'failed'],
])('calls %j %s', (statuses, overall) => {
  expect(overallStatus(statuses)).toBe(overall)
})

it('gives a quarter for one of four done', () => {
  expect(overallProgress([1, 0, 0, 0])).toBe(0.25)
})
