import { AudiobookJobs, JobStatusSet, SetJobStatus } from '@app/contracts'
import type { Db } from '@app/db'
import { createRoute } from '@hono/zod-openapi'
import { userOf } from '../http/authenticate.ts'
import { authRefusals, idParam, jsonAnswer, jsonBody, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { knownId, notFound } from '../http/known-id.ts'
import { bookJobs } from '../queries/book-jobs.ts'

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

export interface JobRoutesDeps {
  db: Db
  setJobStatus: (jobId: string, who: string, body: SetJobStatus) => Promise<JobStatusSet>
  retryJob: (jobId: string, who: string) => Promise<void>
  cancelJob: (jobId: string, who: string) => Promise<void>
}

export function jobRoutes(app: ApiApp, { db, setJobStatus, retryJob, cancelJob }: JobRoutesDeps): void {
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
    return c.json(await stateOf(id), 200)
  })

  app.openapi(cancel, async (c) => {
    const id = knownId(c.req.valid('param').id, 'job')
    await cancelJob(id, userOf(c.get('principal')).userId)
    return c.json(await stateOf(id), 200)
  })

  async function stateOf(id: string): Promise<JobStatusSet> {
    const job = await db
      .selectFrom('processing_jobs')
      .select(['status', 'fence', 'subject_id'])
      .where('id', '=', id)
      .executeTakeFirst()
    if (!job) throw notFound('job')
    return { job_id: id, status: job.status, fence: job.fence }
  }
}
