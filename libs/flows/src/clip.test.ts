import { ClipStatus, type JobStatus } from '@app/contracts'
import { expect, it } from 'vitest'
import { clipStatus, nextClipStatus, planClip } from './clip.ts'

const FLOW = ['download', 'transcribe', 'analyze', 'embed']

it('downloads, transcribes, analyses and embeds, one after the other', () => {
  const jobs = planClip({ clipId: 'c', ownerId: 'o', url: 'https://example.org/v', language: 'en' })

  expect(jobs.map(({ type, dependsOn }) => [type, dependsOn])).toEqual([
    ['download', []],
    ['transcribe', ['download']],
    ['analyze', ['transcribe']],
    ['embed', ['analyze']],
  ])
  expect(jobs.every(({ subjectId, chapterId }) => subjectId === 'c' && chapterId === 'c')).toBe(true)
  expect(jobs[1]?.input).toEqual({ chapterId: 'c', language: 'en' })
})

it.each<[JobStatus[], string | null, ClipStatus]>([
  [['queued', 'pending', 'pending', 'pending'], null, 'pending'],
  [['running', 'pending', 'pending', 'pending'], null, 'pending'],
  [['running', 'pending', 'pending', 'pending'], 'downloading', 'downloading'],
  [['running', 'pending', 'pending', 'pending'], 'extracting_audio', 'extracting_audio'],
  [['running', 'pending', 'pending', 'pending'], 'uploading', 'uploading'],
  [['queued', 'pending', 'pending', 'pending'], 'uploading', 'pending'],
  [['completed', 'queued', 'pending', 'pending'], null, 'transcribing'],
  [['completed', 'running', 'pending', 'pending'], 'extracting_audio', 'transcribing'],
  [['completed', 'waiting', 'pending', 'pending'], null, 'transcribing'],
  [['completed', 'completed', 'queued', 'pending'], null, 'analyzing'],
  [['completed', 'completed', 'completed', 'running'], null, 'generating_embeddings'],
  [['completed', 'completed', 'completed', 'running'], 'storing', 'storing'],
  [['completed', 'completed', 'completed', 'completed'], null, 'completed'],
  [['failed', 'pending', 'pending', 'pending'], null, 'failed'],
  [['completed', 'cancelled', 'pending', 'pending'], null, 'failed'],
  [['completed', 'completed', 'failed', 'pending'], null, 'failed'],
])('shows jobs that are %j at stage %s as %s', (statuses, stage, shown) => {
  const jobs = statuses.map((status, index) => ({
    type: FLOW[index] ?? '',
    status,
    stage: status === 'running' || status === 'queued' ? stage : null,
  }))

  expect(clipStatus(jobs)).toBe(shown)
  expect(clipStatus(jobs.toReversed())).toBe(shown)
})

it('does not count the parts of a recording', () => {
  const done = FLOW.map((type) => ({ type, status: 'completed' as const, stage: null }))
  expect(clipStatus([...done, { type: 'transcribe-part', status: 'failed', stage: null }])).toBe('completed')
})

it('never goes backwards within an attempt', () => {
  for (const shown of ClipStatus.options.slice(0, -2)) {
    for (const now of ClipStatus.options) {
      const next = nextClipStatus({ status: shown, attempt: 1 }, now)
      expect(next.attempt).toBe(1)
      expect(ClipStatus.options.indexOf(next.status)).toBeGreaterThanOrEqual(
        ClipStatus.options.indexOf(shown),
      )
    }
  }
})

it.each(['failed', 'completed'] as const)('begins a new attempt when a clip that was %s goes on', (ended) => {
  expect(nextClipStatus({ status: ended, attempt: 2 }, 'pending')).toEqual({ status: 'pending', attempt: 3 })
})
