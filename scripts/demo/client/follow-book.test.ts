import type { AudiobookJobs, JobView } from '@app/contracts'
import { FatalError } from '@app/runtime'
import { expect, it } from 'vitest'
import { ApiError } from './api-error.ts'
import { followBook } from './follow-book.ts'
import type { SseMessage } from './read-events.ts'

const BOOK = '5a0e2b56-7d0c-4f0e-9d7c-2f6a5c8e9b10'
const [FIRST, SECOND] = ['0b8f7d52-55e5-4c62-93a4-14a6e7dd6a01', '0b8f7d52-55e5-4c62-93a4-14a6e7dd6a02']

it('puts changes into the snapshot they follow', async () => {
  const api = source([
    event('1', view([job(FIRST, 0), job(SECOND, 0)])),
    event('2', view([job(SECOND, 1)], 'completed')),
  ])

  const views = await Array.fromAsync(followBook(api, BOOK, { pauseMs: 0 }))

  expect(views.map(({ jobs }) => jobs.map(({ progress }) => progress))).toEqual([
    [0, 0],
    [0, 1],
  ])
})

it('resumes a broken stream from the last event it had', async () => {
  const api = source([event('7', view([job(FIRST, 0.25)]))], [event('9', view([job(FIRST, 1)], 'completed'))])

  await Array.fromAsync(followBook(api, BOOK, { pauseMs: 0 }))

  expect(api.resumedFrom).toEqual([undefined, '7'])
})

it('asks for the jobs where no stream opens', async () => {
  const api = { ...source(), jobs: async () => view([job(FIRST, 1)], 'completed') }

  const views = await Array.fromAsync(followBook(api, BOOK, { pauseMs: 0 }))

  expect(views).toEqual([view([job(FIRST, 1)], 'completed')])
})

it('gives up at once where the API knows no such book', async () => {
  const refusal = new ApiError('GET jobs', 404, { code: 'not-found', message: 'no such book' })
  const api = { ...source(), jobs: () => Promise.reject(refusal) }

  await expect(Array.fromAsync(followBook(api, BOOK, { pauseMs: 0 }))).rejects.toBe(refusal)
})

it('gives up a book in which nothing moves', async () => {
  const api = { ...source(), jobs: async () => view([job(FIRST, 0.5)]) }

  await expect(Array.fromAsync(followBook(api, BOOK, { stalledMs: 0, pauseMs: 0 }))).rejects.toMatchObject({
    code: 'book-stalled',
  })
})

/** Each argument is one connection's events; when they run out, no stream opens any more. */
function source(...connections: SseMessage[][]) {
  const resumedFrom: (string | undefined)[] = []
  return {
    resumedFrom,
    async *events(_book: string, lastEventId?: string) {
      resumedFrom.push(lastEventId)
      const events = connections.shift()
      if (!events) throw new FatalError('api-unreachable', 'the API does not answer')
      yield* events
    },
    jobs: (): Promise<AudiobookJobs> =>
      Promise.reject(new FatalError('api-unreachable', 'the API does not answer')),
  }
}

function event(id: string, data: AudiobookJobs): SseMessage {
  return { id, name: 'changed', data: JSON.stringify(data) }
}

function view(jobs: JobView[], overall: AudiobookJobs['overall_status'] = 'processing'): AudiobookJobs {
  const totals = { progress: 0, total_jobs: 2, completed_jobs: 0, failed_jobs: 0 }
  return { audiobook_id: BOOK, jobs, overall_status: overall, ...totals }
}

function job(id: string, progress: number): JobView {
  const times = { started_at: null, completed_at: null }
  return { id, audiobook_id: BOOK, job_type: 'transcribe', status: 'running', attempt: 1, progress, ...times }
}
