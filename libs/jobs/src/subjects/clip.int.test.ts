import { randomUUID } from 'node:crypto'
import { AnalyzeJob, DownloadJob, EmbedJob, TranscribeJob } from '@app/contracts'
import { inTransaction } from '@app/db'
import { FatalError } from '@app/runtime'
import { onEachDatabase, type World } from '@app/testkit'
import { expect, it } from 'vitest'
import { cancelJob, defineWorker, insertClip, type RunContext, redriveJob, type Worker } from '../index.ts'

const URL = 'https://www.example.org/reel/ABC123xyz/'

const newClip = (world: World, ownerId = randomUUID() as string) =>
  inTransaction(world.db, (trx) => insertClip(trx, { owner_id: ownerId, url: URL, platform: 'generic' }))

const clipOf = (world: World, id: string) =>
  world.db.selectFrom('clips').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

const historyOf = async (world: World, id: string) =>
  (
    await world.db
      .selectFrom('clip_stages')
      .select(['attempt', 'stage'])
      .where('clip_id', '=', id)
      .orderBy('at')
      .execute()
  ).map(({ attempt, stage }) => `${attempt} ${stage}`)

const origin = { provider: 'p', model: 'm' }
const sound = { sha256: '0'.repeat(64), objectKey: 'k', sizeBytes: 1, durationMs: 1, inspection: {} }
const downloaded = { source: { canonicalUrl: URL }, media: sound }
const downloads = (run: (context: RunContext) => Promise<void>): Worker<undefined> =>
  defineWorker(DownloadJob, {
    run: async (_job, _deps, context) => {
      await run(context)
      return downloaded
    },
    save: async () => ({ mediaId: randomUUID(), reused: false, sizeBytes: 1, durationMs: 1 }),
  })
const download = downloads(async ({ enter }) => {
  for (const stage of ['downloading', 'extracting_audio', 'uploading']) await enter(stage)
})
const others: Worker<undefined>[] = [
  defineWorker(TranscribeJob, {
    run: async () => ({ ...origin, language: 'en', durationMs: 1, segments: [] }),
    save: async () => ({ transcriptId: randomUUID(), segmentCount: 0, wordCount: 0, ...origin }),
  }),
  defineWorker(AnalyzeJob, {
    run: async () => ({ ...origin, summary: '', topics: [], sentiment: null, category: null }),
    save: async () => ({ aiOutputId: randomUUID(), ...origin }),
  }),
  defineWorker(EmbedJob, {
    run: async (_job, _deps, { enter }) => {
      await enter('storing')
      return { ...origin, dimensions: 1, chunks: [] }
    },
    save: async () => ({ chunkCount: 0, dimensions: 1, ...origin }),
  }),
]

const ALL = [
  ...['pending', 'downloading', 'extracting_audio', 'uploading', 'transcribing', 'analyzing'],
  ...['generating_embeddings', 'storing', 'completed'],
]

onEachDatabase((newWorld) => {
  it('notes every stage of a clip once and in order', async () => {
    await using world = await newWorld()
    const { id } = await newClip(world)

    await world.drain([download, ...others])

    expect(await historyOf(world, id)).toEqual(ALL.map((stage) => `1 ${stage}`))
    expect(await clipOf(world, id)).toMatchObject({ status: 'completed', attempt: 1, error_message: null })
  })

  it('notes no stage twice where a download is taken over or tried again', async () => {
    await using world = await newWorld()
    const { id, downloadId } = await newClip(world)
    let runs = 0
    const flaky = downloads(async ({ enter }) => {
      runs += 1
      await enter('downloading')
      await enter('extracting_audio')
      if (runs === 1) throw new Error('the line was cut')
      await enter('uploading')
    })

    await world.drain([flaky])
    expect(await clipOf(world, id)).toMatchObject({ status: 'extracting_audio' })
    await world.db
      .updateTable('processing_jobs')
      .set({ run_at: new Date(0) })
      .where('id', '=', downloadId)
      .execute()
    await world.drain([flaky, ...others])

    expect(runs).toBe(2)
    expect(await historyOf(world, id)).toEqual(ALL.map((stage) => `1 ${stage}`))
  })

  it('says why a clip failed, and begins a new attempt when it is taken up again', async () => {
    await using world = await newWorld()
    const { id, downloadId } = await newClip(world)
    const refuse = downloads(async ({ enter }) => {
      await enter('downloading')
      throw new FatalError('private', 'This video is private.')
    })

    await world.drain([refuse])
    expect(await clipOf(world, id)).toMatchObject({
      ...{ status: 'failed', attempt: 1, error_code: 'private', error_message: 'This video is private.' },
    })
    await redriveJob(world.db, downloadId, 'an admin')
    await world.drain([download, ...others])

    expect(await clipOf(world, id)).toMatchObject({ status: 'completed', attempt: 2, error_code: null })
    const first = ['pending', 'downloading', 'failed'].map((stage) => `1 ${stage}`)
    expect(await historyOf(world, id)).toEqual([...first, ...ALL.map((stage) => `2 ${stage}`)])
  })

  it('shows a clip that was cancelled as failed, and says so', async () => {
    await using world = await newWorld()
    const { id, downloadId } = await newClip(world)

    await cancelJob(world, downloadId, 'its owner')

    expect(await clipOf(world, id)).toMatchObject({
      ...{ status: 'failed', error_code: 'cancelled', error_message: 'The job was cancelled.' },
    })
  })

  it('writes a delivery and its job for every webhook that wants to hear of a change', async () => {
    await using world = await newWorld()
    const ownerId = randomUUID()
    const hook = { owner_id: ownerId, url: 'https://hooks.example.org/a', secret: 'whsec_x' }
    const rows = await world.db
      .insertInto('webhooks')
      .values([
        { ...hook, events: ['job.completed', 'job.failed'] },
        { ...hook, events: ['job.completed'], disabled_at: new Date(), disabled_reason: 'gone' },
        { ...hook, events: ['job.completed'], origin: 'callback' },
        { ...hook, owner_id: randomUUID(), events: ['job.completed'] },
      ])
      .returning('id')
      .execute()
    const { id } = await newClip(world, ownerId)

    await world.drain([download, ...others])

    const deliveries = await world.db.selectFrom('webhook_deliveries').selectAll().execute()
    expect(deliveries).toMatchObject([{ webhook_id: rows[0]?.id, clip_id: id, event_type: 'job.completed' }])
    expect(JSON.parse(deliveries[0]?.body ?? '')).toMatchObject({
      type: 'job.completed',
      data: { job_id: id, status: 'completed', url: URL, error_code: null },
    })
    const jobs = await world.db
      .selectFrom('processing_jobs')
      .select(['subject_id', 'status'])
      .where('type', '=', 'deliver')
      .execute()
    expect(jobs).toEqual([{ subject_id: deliveries[0]?.id, status: 'queued' }])
    expect(await clipOf(world, id)).toMatchObject({ status: 'completed' })
  })
})
