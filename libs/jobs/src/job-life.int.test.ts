import { randomUUID } from 'node:crypto'
import { SummarizeJob, TagJob, TranscribeJob } from '@app/contracts'
import { replaceAiOutput, replaceTranscript } from '@app/db'
import { FatalError, RetryLaterError } from '@app/runtime'
import { onEachDatabase, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { claimJob } from './claim.ts'
import { dispatchOutlook } from './dispatch-outlook.ts'
import { defineWorker, dispatchDue, openDeadLetters, redriveJob, type Worker } from './index.ts'
import { confirmSent } from './sent-tickets.ts'

const spoken = {
  language: 'en',
  provider: 'test',
  model: 'test-1',
  durationMs: 1_000,
  segments: [{ startMs: 0, endMs: 900, text: 'hello', words: [{ text: 'hello', startMs: 0, endMs: 900 }] }],
}

/** Transcribes whatever it is given as `hello`, or does what `run` does. */
const transcribing = (run: () => Promise<unknown> = async () => spoken): Worker<unknown> =>
  defineWorker(TranscribeJob, {
    run: run as () => Promise<typeof spoken>,
    async save(trx, { input }, transcript) {
      const transcriptId = await replaceTranscript(trx, input.chapterId, transcript)
      return { transcriptId, segmentCount: 1, wordCount: 1, provider: 'test', model: 'test-1' }
    },
  })

const tagging = (run: () => Promise<unknown>): Worker<unknown> =>
  defineWorker(TagJob, {
    run: run as () => Promise<{ provider: string; model: string; tags: string[] }>,
    async save(trx, { input }, tags) {
      const origin = { provider: tags.provider, model: tags.model }
      const content = { tags: tags.tags }
      const subject = { subjectKind: 'audiobook', subjectId: input.audiobookId }
      return {
        aiOutputId: await replaceAiOutput(trx, { ...subject, kind: 'tags', content, origin }),
        ...origin,
      }
    },
  })

const statusOf = async (world: World, id: string) => (await world.job(id)).status

/** Makes a delayed job due, as time would. */
const makeDue = (world: World, id: string) =>
  world.db
    .updateTable('processing_jobs')
    .set({ run_at: new Date(0) })
    .where('id', '=', id)
    .execute()

onEachDatabase((newWorld) => {
  it('publishes the first chapter first, then the others in reading order', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook(12)
    const published: string[] = []
    const watched: typeof world.bus = {
      ...world.bus,
      publish(publications) {
        published.push(...publications.map(({ ticket }) => ticket.jobId))
        return world.bus.publish(publications)
      },
    }

    await dispatchDue(world.db, watched)

    expect(published).toEqual(Array.from({ length: 12 }, (_, index) => book.job(`transcribe ${index + 1}`)))
  })

  it('commits result, completion and the release of dependants together', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()

    await world.drain([transcribing()])

    const job = await world.job(book.job('transcribe 1'))
    expect(job).toMatchObject({
      status: 'completed',
      progress: 1,
      attempts: 0,
      output: { wordCount: 1, provider: 'test' },
    })
    expect(await statusOf(world, book.job('embed 1'))).toBe('queued')
    expect(await statusOf(world, book.job('tag'))).toBe('queued')
    expect(await world.db.selectFrom('transcripts').selectAll().execute()).toHaveLength(1)
  })

  it('rows 17, 31: runs a job once when its ticket is published twice', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    let runs = 0
    await world.dispatch()
    await world.db
      .updateTable('processing_jobs')
      .set({ dispatched_at: null, dispatch_after: null })
      .where('status', '=', 'queued')
      .execute()
    await world.dispatch()
    expect(await world.bus.depth('transcribe')).toBe(2)

    await world.drain([
      transcribing(async () => {
        runs += 1
        return spoken
      }),
    ])

    expect(runs).toBe(1)
    expect(await statusOf(world, book.job('transcribe 1'))).toBe('completed')
    expect(await world.bus.depth('transcribe')).toBe(0)
  })

  it('rows 17, 31: claims nothing with a ticket whose job went back to the queue since, and sends it a new one', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const id = book.job('transcribe 1')
    const later = new RetryLaterError('provider-busy', 'said 429', { retryAfterMs: 60_000 })
    await world.drain([transcribing(() => Promise.reject(later))])
    // A dispatcher that was slow says only now that it has sent the old one.
    await confirmSent(world.db, [{ id, fence: 0, entryId: '1-1' }])
    const back = await world.job(id)

    const old = { v: 1 as const, type: 'transcribe', jobId: id, fence: 0 }
    expect(await claimJob(world.db, old, { workerId: 'late', entryId: '1-1' })).toBeUndefined()

    expect(back).toMatchObject({ status: 'queued', fence: 1, dispatched_at: null, dispatch_after: null })
    expect(back).toMatchObject({ worker_id: null, entry_id: null })
    expect(await world.dispatch()).toBe(0)
    await makeDue(world, id)
    expect(await world.dispatch()).toBe(1)
  })

  it('tries an unmarked error again and makes it a dead letter when the attempts are used up', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const id = book.job('transcribe 1')
    let runs = 0
    const broken = transcribing(async () => {
      runs += 1
      throw new Error('the engine coughed')
    })

    // On a slow machine a retry may fall due by itself while the queue is drained.
    while ((await statusOf(world, id)) === 'queued') {
      await makeDue(world, id)
      await world.drain([broken])
    }

    expect(runs).toBe(3)
    expect(await world.job(id)).toMatchObject({ status: 'failed', error_message: 'the engine coughed' })
    expect(await openDeadLetters(world.db)).toMatchObject([
      { jobId: id, attempts: 3, message: 'the engine coughed' },
    ])
    const record = await world.db
      .selectFrom('audiobooks')
      .select('status')
      .where('id', '=', book.id)
      .executeTakeFirst()
    expect(record?.status).toBe('failed')
  })

  it('row 25: never sends a delayed job before its time by the clock of Postgres', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const later = new Date(Date.now() + 3_600_000)
    await world.db
      .updateTable('processing_jobs')
      .set({ run_at: later })
      .where('id', '=', book.job('transcribe 1'))
      .execute()

    expect(await world.dispatch()).toBe(0)
  })

  it('row 25: sleeps until the next delayed job falls due, by the clock of Postgres', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook(2)
    expect(await dispatchOutlook(world.db)).toMatchObject({ isDue: true, nextDueMs: undefined })

    const delay = (key: string, hours: number) =>
      sql`
      update processing_jobs set run_at = now() + ${hours} * interval '1 hour'
      where id = ${book.job(key)}`.execute(world.db)
    await delay('transcribe 1', 2)
    await delay('transcribe 2', 1)

    const { isDue, nextDueMs = 0 } = await dispatchOutlook(world.db)
    expect(isDue).toBe(false)
    expect(nextDueMs).toBeGreaterThan(1_800_000)
    expect(nextDueMs).toBeLessThanOrEqual(3_600_000)
  })

  it('sends the first chapter before the others, to a reader that already waits', async () => {
    await using world = await newWorld()
    const started: string[] = []
    const done = Promise.withResolvers<void>()
    const process = await world.start(
      [
        defineWorker(TranscribeJob, {
          async run({ input }) {
            started.push(input.chapterId)
            if (started.length === 4) done.resolve()
            return spoken
          },
          save: async () => ({
            transcriptId: randomUUID(),
            segmentCount: 1,
            wordCount: 1,
            provider: 'test',
            model: 'test-1',
          }),
        }),
      ],
      undefined,
      { graceMs: 10_000 },
    )

    const book = await world.seedAudiobook(4)
    await world.bus.wakeDispatchers()
    await done.promise
    await process.stop()

    const first = book.chapters.find((chapter) => chapter.position === 1)
    expect(started[0]).toBe(first?.id)
  })

  it('makes a fatal error a dead letter at once, and redriving it goes on from there', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const id = book.job('transcribe 1')
    await world.drain([
      transcribing(async () => {
        throw new FatalError('media-unreadable', 'no sound in it')
      }),
    ])
    expect(await world.job(id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error_code: 'media-unreadable',
    })
    expect(await statusOf(world, book.job('embed 1'))).toBe('pending')

    await redriveJob(world.db, id, 'an admin')
    await world.drain([transcribing()])

    expect(await statusOf(world, id)).toBe('completed')
    expect(await statusOf(world, book.job('embed 1'))).toBe('queued')
    expect(await openDeadLetters(world.db)).toEqual([])
  })

  it('redrives a job as one that never ran and waits in no line', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const id = book.job('transcribe 1')
    const counts = { attempts: 1, crashes: 1, crashes_alone: 1, snoozes: 1, hand_backs: 1 }
    const cancelled = { ...counts, status: 'cancelled', waiting_for: 'rate:provider' } as const
    await world.db.updateTable('processing_jobs').set(cancelled).where('id', '=', id).execute()

    await redriveJob(world.db, id, 'an admin')

    expect(await world.job(id)).toMatchObject({
      ...{ status: 'queued', waiting_for: null, started_at: null },
      ...{ attempts: 0, crashes: 0, crashes_alone: 0, snoozes: 0, hand_backs: 0 },
    })
  })

  it('spends no attempt on a job that is put off', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    await world.drain([
      transcribing(async () => {
        throw new RetryLaterError('provider-busy', 'said 429', { retryAfterMs: 60_000 })
      }),
    ])

    const job = await world.job(book.job('transcribe 1'))
    expect(job).toMatchObject({ status: 'queued', attempts: 0, snoozes: 1, error_code: 'provider-busy' })
    expect(job.run_at.getTime()).toBeGreaterThan(job.updated_at.getTime() + 59_000)
  })

  it('makes a broken input a dead letter and carries on with the next job', async () => {
    await using world = await newWorld()
    const [bad, good] = [await world.seedAudiobook(), await world.seedAudiobook()]
    await world.db
      .updateTable('processing_jobs')
      .set({ input: JSON.stringify({ chapterId: 7 }) })
      .where('id', '=', bad.job('transcribe 1'))
      .execute()

    await world.drain([transcribing()])

    expect(await world.job(bad.job('transcribe 1'))).toMatchObject({
      status: 'failed',
      error_code: 'contract-broken',
    })
    expect(await statusOf(world, good.job('transcribe 1'))).toBe('completed')
  })

  it('makes a result that breaks the contract a dead letter and saves nothing of it', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()

    await world.drain([transcribing(async () => ({ ...spoken, segments: 'none' }))])

    expect(await world.job(book.job('transcribe 1'))).toMatchObject({
      status: 'failed',
      error_code: 'contract-broken',
    })
    expect(await world.db.selectFrom('transcripts').selectAll().execute()).toEqual([])
  })

  it('sets an unreadable ticket aside and carries on', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    await world.bus.ensureGroups('transcribe')
    await world.bus.redis.xadd(`${world.bus.prefix}:queue:{transcribe}`, '*', 'ticket', 'not json')

    await world.drain([transcribing()])

    expect(await statusOf(world, book.job('transcribe 1'))).toBe('completed')
    expect(await world.bus.depth('transcribe')).toBe(0)
    expect(await world.bus.redis.xlen(`${world.bus.prefix}:failed:{transcribe}`)).toBe(1)
  })

  it('undoes the completion when saving fails, and saves once when it is tried again', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const savedBefore: number[] = []
    const failsFirst: Worker<unknown> = defineWorker(SummarizeJob, {
      run: async () => ({ provider: 'test', model: 'test-1', text: 'short' }),
      async save(trx, { input }, summary) {
        savedBefore.push((await trx.selectFrom('ai_outputs').selectAll().execute()).length)
        const origin = { provider: summary.provider, model: summary.model }
        const subject = { subjectKind: 'audiobook', subjectId: input.audiobookId }
        const aiOutputId = await replaceAiOutput(trx, {
          ...subject,
          kind: 'summary',
          content: summary,
          origin,
        })
        if (savedBefore.length === 1) throw new Error('a full disk, say')
        return { aiOutputId, ...origin }
      },
    })

    await world.drain([transcribing(), failsFirst])
    await makeDue(world, book.job('summarize'))
    await world.drain([failsFirst])

    // Asked inside the saves: a retry by chance comes before anybody outside could look.
    expect(savedBefore).toEqual([0, 0])
    expect(await statusOf(world, book.job('summarize'))).toBe('completed')
    expect(await world.db.selectFrom('ai_outputs').selectAll().execute()).toHaveLength(1)
  })

  it('calls a book completed when its last job is, and failed when nothing can run any more', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const bookStatus = async () =>
      (
        await world.db
          .selectFrom('audiobooks')
          .select('status')
          .where('id', '=', book.id)
          .executeTakeFirstOrThrow()
      ).status
    const tagsFail = tagging(async () => {
      throw new FatalError('llm-refused', 'no')
    })

    await world.drain([transcribing(), tagsFail])
    expect(await bookStatus()).toBe('processing')
    await world.db
      .updateTable('processing_jobs')
      .set({ status: 'completed' })
      .where('id', 'in', [book.job('embed 1'), book.job('summarize')])
      .execute()
    await redriveJob(world.db, book.job('tag'), 'an admin')
    expect(await bookStatus()).toBe('processing')
    await world.drain([tagsFail])
    expect(await bookStatus()).toBe('failed')
    await redriveJob(world.db, book.job('tag'), 'an admin')
    await world.drain([tagging(async () => ({ provider: 'test', model: 'test-1', tags: ['sea'] }))])
    expect(await bookStatus()).toBe('completed')
  })
})
