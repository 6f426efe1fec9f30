import { connectRedis, createBus, whenReady } from '@app/bus'
import { TranscribeJob } from '@app/contracts'
import { replaceTranscript } from '@app/db'
import { startFaultyProxy } from '@app/infra'
import { ownCluster, ownRedis, ownSentinel, testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { defineWorker, dispatchDue, reconcile, type Worker } from './index.ts'

const CHAPTERS = 40

/** A worker that counts how often each job is run. */
function counting() {
  const runs = new Map<string, number>()
  const worker: Worker<unknown> = defineWorker(TranscribeJob, {
    async run({ id }) {
      runs.set(id, (runs.get(id) ?? 0) + 1)
      return {
        language: 'en',
        provider: 'test',
        model: 'test-1',
        durationMs: 1_000,
        segments: [
          { startMs: 0, endMs: 900, text: 'hello', words: [{ text: 'hello', startMs: 0, endMs: 900 }] },
        ],
      }
    },
    async save(trx, { input }, transcript) {
      const transcriptId = await replaceTranscript(trx, input.chapterId, transcript)
      return { transcriptId, segmentCount: 1, wordCount: 1, provider: 'test', model: 'test-1' }
    },
  })
  return { runs, worker }
}

async function completed(world: World): Promise<number> {
  const rows = await world.db
    .selectFrom('processing_jobs')
    .select('id')
    .where('type', '=', 'transcribe')
    .where('status', '=', 'completed')
    .execute()
  return rows.length
}

/** As if a mark of five seconds had run out, or a ticket been sent a minute ago. */
async function letTimePass(world: World): Promise<void> {
  await sql`
    update processing_jobs set
      dispatch_after = dispatch_after - interval '1 minute', dispatched_at = dispatched_at - interval '1 minute'
    where status = 'queued'`.execute(world.db)
}

it('row 17: runs a job once whose ticket was sent twice because the answer to the first was lost', async () => {
  await using server = await ownRedis()
  await using proxy = await startFaultyProxy(server.port)
  await using world = await testWorld({ redis: server })
  const { runs, worker } = counting()
  await world.seedAudiobook(CHAPTERS)
  // One lane: one command, whose answer is lost as a whole.
  await world.db.updateTable('processing_jobs').set({ lane: 'normal' }).execute()
  const redis = connectRedis(server.url.replace(`:${server.port}`, `:${proxy.port}`), () => {})
  await whenReady(redis, 20_000)
  const bus = createBus(redis, server.prefix)
  const lost = proxy.loseAnswerTo(`${server.prefix}:queue:{transcribe}`)

  await expect(dispatchDue(world.db, bus)).rejects.toThrow()
  await lost
  expect(await world.bus.depth('transcribe')).toBe(CHAPTERS)
  await letTimePass(world)
  await world.drain([worker])
  redis.disconnect()

  expect([...runs.values()]).toEqual(Array.from({ length: CHAPTERS }, () => 1))
  expect(await completed(world)).toBe(CHAPTERS)
  expect(await world.bus.depth('transcribe')).toBe(0)
})

it('row 29: takes a book through its jobs on a Cluster', async () => {
  await using cluster = await ownCluster()
  await using world = await testWorld({ redis: cluster })
  const { runs, worker } = counting()
  await world.seedAudiobook(CHAPTERS)

  await world.drain([worker])

  expect(runs.size).toBe(CHAPTERS)
  expect(await completed(world)).toBe(CHAPTERS)
  expect(await reconcile(world.db, world.bus)).toMatchObject({ ticketsLost: 0, runsLost: 0 })
})

it('row 27: runs every job of which a failover lost the ticket and the group', async () => {
  await using sentinel = await ownSentinel()
  await using world = await testWorld({ redis: sentinel })
  const { runs, worker } = counting()
  await world.seedAudiobook(CHAPTERS)
  // The replica hears nothing any more, and does not know it.
  const { proxy } = await sentinel.primary()
  proxy.set({ dropsAnswers: true, only: 'psync' })
  await world.dispatch()
  expect(await world.bus.depth('transcribe')).toBe(CHAPTERS)

  await sentinel.kill()
  await sentinel.revive()
  await whenReady(world.bus.redis, 60_000)
  expect(await world.bus.depth('transcribe')).toBe(0)
  await letTimePass(world)
  const { ticketsLost } = await reconcile(world.db, world.bus)
  await world.drain([worker])

  expect(ticketsLost).toBe(CHAPTERS)
  expect([...runs.values()]).toEqual(Array.from({ length: CHAPTERS }, () => 1))
  expect(await completed(world)).toBe(CHAPTERS)
})
