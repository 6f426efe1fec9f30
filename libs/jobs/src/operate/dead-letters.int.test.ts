import { randomUUID } from 'node:crypto'
import { TagJob } from '@app/contracts'
import { FatalError } from '@app/runtime'
import { insertDeadJobs, onEachDatabase, type World } from '@app/testkit'
import { expect, it } from 'vitest'
import {
  countOpenDeadLetters,
  deadLetterById,
  deadLetterGroups,
  defineWorker,
  discardDeadLetter,
  discardDeadLetters,
  openDeadLetters,
  redriveDeadLetter,
} from '../index.ts'

const refusing = defineWorker(TagJob, {
  run: () => Promise.reject(new FatalError('llm-refused', 'it would rather not')),
  save: () => Promise.reject(new Error('nothing to save')),
})

const auditOf = ({ db }: World) =>
  db.selectFrom('audit_log').select(['who', 'action', 'subject', 'details']).orderBy('at').execute()

onEachDatabase((newWorld) => {
  it('keeps of a dead job what went wrong, where and when', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    await world.db
      .updateTable('processing_jobs')
      .set({ status: 'queued' })
      .where('type', '=', 'tag')
      .execute()
    await world.drain([refusing])
    const [letter] = await openDeadLetters(world.db)

    const detail = await deadLetterById(world.db, letter?.id ?? '')

    expect(detail).toMatchObject({
      ...letter,
      jobId: book.job('tag'),
      jobType: 'tag',
      queue: 'tag',
      errorClass: 'FatalError',
      errorCode: 'llm-refused',
      message: 'it would rather not',
      attempts: 1,
      jobStatus: 'failed',
      resolution: null,
    })
    expect(detail.stack).toContain('dead-letters.int.test.ts')
    expect(detail.workerId).toMatch(/^test-/)
  })

  it('finds open dead letters by queue, fingerprint and code, page by page, oldest first', async () => {
    await using world = await newWorld()
    const { db } = world
    const tags = await insertDeadJobs(db, { count: 5, fingerprint: 'f1' })
    await insertDeadJobs(db, { count: 2, fingerprint: 'f2', code: 'llm-broken' })
    await insertDeadJobs(db, { count: 3, queue: 'embed', fingerprint: 'f1' })

    const page = await openDeadLetters(db, { queue: 'tag', fingerprint: 'f1', limit: 2, offset: 2 })

    expect(page.map(({ id }) => id)).toEqual(tags.slice(2, 4).map(({ letterId }) => letterId))
    expect(await countOpenDeadLetters(db)).toBe(10)
    expect(await countOpenDeadLetters(db, { queue: 'embed' })).toBe(3)
    expect(await countOpenDeadLetters(db, { fingerprint: 'f1' })).toBe(8)
    expect(await countOpenDeadLetters(db, { code: 'llm-broken', queue: 'embed' })).toBe(0)
  })

  it('groups what went wrong in the same way, the most frequent first, with a message of each', async () => {
    await using world = await newWorld()
    const { db } = world
    await insertDeadJobs(db, { count: 2, fingerprint: 'rare', code: 'no-sound', message: 'silence' })
    await insertDeadJobs(db, { count: 4, fingerprint: 'often', message: 'an older one' })
    await insertDeadJobs(db, { count: 1, queue: 'embed', fingerprint: 'often', message: 'the newest' })
    await db
      .updateTable('dead_letters')
      .set({ died_at: new Date(), job_type: 'embed' })
      .where('message', '=', 'the newest')
      .execute()

    const [often, rare, ...others] = await deadLetterGroups(db)

    expect(others).toEqual([])
    expect(often).toMatchObject({
      fingerprint: 'often',
      count: 5,
      sampleMessage: 'the newest',
      jobTypes: ['embed', 'tag'],
      queues: ['embed', 'tag'],
      errorCode: 'llm-refused',
    })
    expect(rare).toMatchObject({
      fingerprint: 'rare',
      count: 2,
      errorCode: 'no-sound',
      sampleMessage: 'silence',
    })
    const { firstSeenAt, lastSeenAt } = rare ?? {}
    expect(firstSeenAt?.getTime()).toBeLessThan(lastSeenAt?.getTime() ?? 0)
    expect(await deadLetterGroups(db, { queue: 'embed' })).toMatchObject([{ fingerprint: 'often', count: 1 }])
  })

  it('gives the job of a dead letter a new life once, and says who did', async () => {
    await using world = await newWorld()
    const [dead] = await insertDeadJobs(world.db, { count: 1 })
    const { letterId, jobId } = dead ?? { letterId: '', jobId: '' }

    expect(await redriveDeadLetter(world.db, letterId, 'ada')).toBe(jobId)

    expect(await world.job(jobId)).toMatchObject({ status: 'queued', attempts: 0, fence: 1 })
    expect(await deadLetterById(world.db, letterId)).toMatchObject({
      jobStatus: 'queued',
      resolution: 'redriven',
      resolvedBy: 'ada',
    })
    await expect(redriveDeadLetter(world.db, letterId, 'ada')).rejects.toMatchObject({
      code: 'dead-letter-resolved',
      message: `ada has redriven the dead letter ${letterId} already`,
    })
    expect(await auditOf(world)).toEqual([
      { who: 'ada', action: 'job-redriven', subject: `job ${jobId}`, details: {} },
    ])
  })

  it('discards one with its reason, and leaves the job failed', async () => {
    await using world = await newWorld()
    const [dead] = await insertDeadJobs(world.db, { count: 1 })
    const { letterId, jobId } = dead ?? { letterId: '', jobId: '' }

    await discardDeadLetter(world.db, letterId, { who: 'ada', reason: 'an empty tape' })

    const resolved = {
      resolution: 'discarded',
      resolvedBy: 'ada',
      reason: 'an empty tape',
      jobStatus: 'failed',
    }
    expect(await deadLetterById(world.db, letterId)).toMatchObject({ ...resolved, jobId })
    expect(await openDeadLetters(world.db)).toEqual([])
    const again = discardDeadLetter(world.db, letterId, { who: 'grace', reason: 'too' })
    await expect(again).rejects.toMatchObject({ code: 'dead-letter-resolved' })
    const unknown = discardDeadLetter(world.db, randomUUID(), { who: 'grace', reason: 'too' })
    await expect(unknown).rejects.toMatchObject({ code: 'dead-letter-not-found' })
    expect(await auditOf(world)).toHaveLength(1)
  })

  it('discards a group and nothing else, and writes down how many those were', async () => {
    await using world = await newWorld()
    await insertDeadJobs(world.db, { count: 3, fingerprint: 'f1' })
    await insertDeadJobs(world.db, { count: 2, fingerprint: 'f2' })
    const by = { who: 'ada', reason: 'not worth it' }

    expect(await discardDeadLetters(world.db, { fingerprint: 'f1' }, by)).toBe(3)
    expect(await discardDeadLetters(world.db, { fingerprint: 'f1' }, by)).toBe(0)

    expect(await deadLetterGroups(world.db)).toMatchObject([{ fingerprint: 'f2', count: 2 }])
    expect(await auditOf(world)).toEqual([
      {
        who: 'ada',
        action: 'dead-letters-discarded',
        subject: 'dead letters',
        details: { fingerprint: 'f1', reason: 'not worth it', count: 3 },
      },
    ])
  })
})
