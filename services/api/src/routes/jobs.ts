import { AudiobookJobs, BookCancelled, JobStatusSet, JobWhy, SetJobStatus } from '@app/contracts'
import type { Db } from '@app/db'
import type { WhyNotRunning } from '@app/jobs'
import { createRoute } from '@hono/zod-openapi'
import { userOf } from '../http/authenticate.ts'
import { authRefusals, idParam, jsonAnswer, jsonBody, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { knownId, notFound } from '../http/known-id.ts'
import { bookJobs } from '../queries/book-jobs.ts'
import { jobState } from '../queries/job-state.ts'

const shared = { ...signedIn, tags: ['jobs'], request: { params: idParam } }
const statusSchema = named('JobStatusSet', JobStatusSet)

const list = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/admin/audiobooks/{id}/jobs',
  summary: 'A book’s jobs and how far they are',
  responses: {
    200: jsonAnswer(named('AudiobookJobs', AudiobookJobs), 'The jobs'),
    ...authRefusals,
    ...refusals(404),
  },
})

const setStatus = createRoute({
  ...shared,
  method: 'post',
  path: '/api/v1/admin/jobs/{id}/status',
  summary: 'What an outside worker says about a job (service token)',
  description:
    '`running` without a fence claims a queued job and answers the fence; every later call carries it, and gets 409 ' +
    'once the job was given to another. `running` with the fence reports progress and is the sign of life that is ' +
    'due every 15 minutes. `completed` hands in `output`, in the shape of the job type’s result: the job is queued ' +
    'once more for its own service, which saves it. `failed` counts as an attempt.',
  request: { params: idParam, body: jsonBody(named('SetJobStatus', SetJobStatus)) },
  responses: {
    200: jsonAnswer(statusSchema, 'The job’s state now'),
    ...authRefusals,
    ...refusals(400, 404, 409, 413, 415, 422),
  },
})

const retry = createRoute({
  ...shared,
  method: 'post',
  path: '/api/v1/admin/jobs/{id}/retry',
  summary: 'Give a failed or cancelled job a new life; what waits for it goes on from there',
  responses: { 200: jsonAnswer(statusSchema, 'The job’s state now'), ...authRefusals, ...refusals(404, 409) },
})

const cancel = createRoute({
  ...shared,
  method: 'post',
  path: '/api/v1/admin/jobs/{id}/cancel',
  summary: 'Cancel a job that has not ended',
  responses: { 200: jsonAnswer(statusSchema, 'The job’s state now'), ...authRefusals, ...refusals(404, 409) },
})

const why = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/admin/jobs/{id}/why',
  summary: 'Why a job does not run: what is decisive first',
  responses: { 200: jsonAnswer(named('JobWhy', JobWhy), 'The reasons'), ...authRefusals, ...refusals(404) },
})

const cancelAll = createRoute({
  ...shared,
  method: 'post',
  path: '/api/v1/admin/audiobooks/{id}/cancel',
  summary: 'Cancel all jobs of a book that have not ended; the book stays',
  responses: {
    200: jsonAnswer(named('BookCancelled', BookCancelled), 'How many those were'),
    ...authRefusals,
    ...refusals(404),
  },
})

export interface JobRoutesDeps {
  db: Db
  setJobStatus: (jobId: string, who: string, body: SetJobStatus) => Promise<JobStatusSet>
  retryJob: (jobId: string, who: string) => Promise<void>
  cancelJob: (jobId: string, who: string) => Promise<void>
  whyNotRunning: (jobId: string) => Promise<WhyNotRunning>
  /** Returns how many jobs those were. */
  cancelBook: (audiobookId: string, who: string) => Promise<number>
}

export function jobRoutes(app: ApiApp, deps: JobRoutesDeps): void {
  const { db, setJobStatus, retryJob, cancelJob } = deps

  app.openapi(list, async (c) => {
    const jobs = await bookJobs(db, knownId(c.req.valid('param').id, 'audiobook'))
    if (!jobs) throw notFound('audiobook')
    return c.json(jobs.view, 200)
  })

  app.openapi(setStatus, async (c) => {
    const principal = c.get('principal')
    const who = principal.kind === 'service' ? principal.name : principal.userId
    return c.json(await setJobStatus(knownId(c.req.valid('param').id, 'job'), who, c.req.valid('json')), 200)
  })

  app.openapi(retry, async (c) => {
    const id = knownId(c.req.valid('param').id, 'job')
    await retryJob(id, userOf(c.get('principal')).userId)
    return c.json(await jobState(db, id), 200)
  })

  app.openapi(cancel, async (c) => {
    const id = knownId(c.req.valid('param').id, 'job')
    await cancelJob(id, userOf(c.get('principal')).userId)
    return c.json(await jobState(db, id), 200)
  })

  app.openapi(why, async (c) => {
    const { jobId, status, reasons } = await deps.whyNotRunning(knownId(c.req.valid('param').id, 'job'))
    return c.json({ job_id: jobId, status, reasons }, 200)
  })

  app.openapi(cancelAll, async (c) => {
    const id = knownId(c.req.valid('param').id, 'audiobook')
    const cancelled = await deps.cancelBook(id, userOf(c.get('principal')).userId)
    const jobs = await bookJobs(db, id)
    if (!jobs) throw notFound('audiobook')
    return c.json({ audiobook_id: id, cancelled, overall_status: jobs.view.overall_status }, 200)
  })
}
