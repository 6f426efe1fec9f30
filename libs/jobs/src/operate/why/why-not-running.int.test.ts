import { randomUUID } from 'node:crypto'
import { TranscribeJob } from '@app/contracts'
import { FatalError } from '@app/runtime'
import { insertManyJobs, onEachDatabase, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { cancelJob, claimOutside, defineWorker, pauseQueue, whyNotRunning } from '../../index.ts'

const failing = defineWorker(TranscribeJob, {
  run: () => Promise.reject(new FatalError('media-unreadable', 'no sound in it')),
  save: () => Promise.reject(new Error('nothing to save')),
})

const why = async ({ db, bus }: World, jobId: string) => (await whyNotRunning(db, bus, jobId)).reasons

const codes = async (world: World, jobId: string) => (await why(world, jobId)).map(({ code }) => code)

const set = ({ db }: World, jobId: string, values: object) =>
  db.updateTable('processing_jobs').set(values).where('id', '=', jobId).execute()

interface Beat {
  queue?: string
  concurrency?: number
  jobTypes?: string[]
}

const beat = ({ db }: World, { queue = 'transcribe', concurrency = 1, jobTypes = [] }: Beat = {}) =>
  sql`
    insert into workers (id, service, queues, concurrency, stale_after_ms, job_types)
    values (${randomUUID()}, 'test', ${JSON.stringify([queue])}, ${concurrency}, 15000, ${JSON.stringify(jobTypes)})`.execute(
    db,
  )

onEachDatabase((newWorld) => {
  it('names the job that a pending one waits for, and what went wrong with it', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const [jobId, blockerId] = [book.job('embed 1'), book.job('transcribe 1')]
    expect(await why(world, jobId)).toMatchObject([
      { code: 'waits-for-job', data: { jobId: blockerId, jobType: 'transcribe', status: 'queued' } },
    ])

    await world.drain([failing])

    expect(await why(world, jobId)).toMatchObject([
      {
        message: `it waits for transcribe ${blockerId}, which is failed: no sound in it, and goes on once that one is redriven`,
        data: { status: 'failed' },
      },
    ])
    expect(await why(world, blockerId)).toMatchObject([
      {
        code: 'dead-letter',
        data: { errorCode: 'media-unreadable', errorMessage: 'no sound in it', resolution: null },
      },
    ])
  })

  it('tells all that keeps a queued job back, until nothing does', async () => {
    await using world = await newWorld()
    const jobId = (await world.seedAudiobook()).job('transcribe 1')
    await pauseQueue(world.db, 'transcribe', { who: 'ada', reason: 'a new model' })
    await set(world, jobId, { run_at: sql`now() + interval '1 hour'`, hold_reason: 'over budget' })
    expect(await codes(world, jobId)).toEqual(['queue-paused', 'held', 'delayed', 'no-worker'])

    await world.db.deleteFrom('queue_controls').execute()
    await set(world, jobId, { run_at: sql`now()`, hold_reason: null })
    await beat(world, { jobTypes: ['transcribe@7'] })
    expect(await codes(world, jobId)).toEqual(['type-unknown'])

    await beat(world, { jobTypes: ['transcribe@7', 'transcribe@1'] })
    expect(await codes(world, jobId)).toEqual(['due'])
    await world.dispatch()
    expect(await codes(world, jobId)).toEqual(['ticket-sent'])
    await world.emptyRedis()
    expect(await codes(world, jobId)).toEqual(['ticket-lost'])
  })

  it('says which limit a job waits for', async () => {
    await using world = await newWorld()
    const jobId = (await world.seedAudiobook()).job('transcribe 1')
    await beat(world)
    await set(world, jobId, { run_at: sql`now() + interval '1 hour'`, waiting_for: 'rate:openai/x' })

    expect(await why(world, jobId)).toMatchObject([
      { code: 'waits-for-limit', data: { limit: 'rate:openai/x' } },
    ])
  })

  it('estimates how many start before a job while every slot is busy', async () => {
    await using world = await newWorld()
    await insertManyJobs(world.db, { count: 2, queue: 'tag', status: 'running' })
    const subject = await insertManyJobs(world.db, { count: 30, queue: 'tag', owners: 3 })
    await beat(world, { queue: 'tag', concurrency: 2 })
    const { id } = await world.db
      .selectFrom('processing_jobs')
      .select('id')
      .where('subject_id', '=', subject)
      .orderBy('run_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()

    expect(await why(world, id)).toMatchObject([
      { code: 'slots-busy', message: 'all slots are busy (2 of 2); about 27 start before this one' },
      { code: 'behind-others', data: { own: 9, before: 27 } },
    ])
  })

  it('counts no further than it must, however much an owner has ahead', async () => {
    await using world = await newWorld()
    await insertManyJobs(world.db, { count: 10_500, queue: 'tag' })
    await insertManyJobs(world.db, { count: 1, queue: 'tag' })
    const { id } = await world.db
      .selectFrom('processing_jobs')
      .select('id')
      .orderBy('run_at', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    await beat(world, { queue: 'tag' })

    expect(await why(world, id)).toMatchObject([
      {
        code: 'behind-others',
        message: expect.stringContaining('at least 10000 ahead'),
        data: { own: 10_000 },
      },
    ])
  })

  it('says on which worker a job runs, and whether that one still beats', async () => {
    await using world = await newWorld()
    const jobId = (await world.seedAudiobook()).job('transcribe 1')
    await claimOutside(world.db, jobId, 'a partner')
    expect(await why(world, jobId)).toMatchObject([
      { code: 'running', data: { workerId: `outside-${jobId}`, service: 'a partner' } },
    ])

    await sql`update workers set beat_at = now() - interval '1 hour'`.execute(world.db)
    expect(await codes(world, jobId)).toEqual(['worker-silent', 'running'])
    await world.db.deleteFrom('workers').execute()
    expect(await codes(world, jobId)).toEqual(['worker-silent', 'running'])
  })

  it('counts the children that a waiting parent waits for, and names those that went wrong', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook(2)
    const parentId = book.job('transcribe 1')
    await set(world, parentId, { status: 'waiting' })
    await set(world, book.job('embed 1'), { parent_id: parentId, status: 'completed' })
    await set(world, book.job('embed 2'), { parent_id: parentId, status: 'failed' })
    await set(world, book.job('tag'), { parent_id: parentId, status: 'running' })

    expect(await why(world, parentId)).toMatchObject([
      {
        code: 'waits-for-children',
        message: `it waits for its children, 2 of which are not done; embed ${book.job('embed 2')} is failed`,
        data: { open: 2 },
      },
    ])
  })

  it('says who cancelled a job, and when one was completed', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    await cancelJob(world, book.job('tag'), 'ada')
    await set(world, book.job('embed 1'), { status: 'completed', completed_at: new Date() })

    expect(await why(world, book.job('tag'))).toMatchObject([
      { code: 'cancelled', data: { cancelledBy: 'ada' } },
    ])
    expect(await codes(world, book.job('embed 1'))).toEqual(['completed'])
  })

  it('answers without Redis, and says that it is away', async () => {
    await using world = await newWorld()
    const jobId = (await world.seedAudiobook()).job('transcribe 1')
    await beat(world)
    await world.dispatch()

    const { status, reasons } = await whyNotRunning(world.db, undefined, jobId)

    expect(status).toBe('queued')
    expect(reasons.map(({ code }) => code)).toEqual(['redis-away'])
    await expect(whyNotRunning(world.db, world.bus, randomUUID())).rejects.toMatchObject({
      code: 'job-not-found',
    })
  })
})
