import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { streamKey } from '@app/bus'
import { TagJob, TranscribeJob } from '@app/contracts'
import { inTransaction, replaceTranscript, type Trx } from '@app/db'
import { insertManyJobs, onEachDatabase, realPostgres, testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it, vi } from 'vitest'
import { activeRun } from './active-runs.ts'
import { claimJob, markAlone, takeOverJob } from './claim.ts'
import { committedByThisRun, completeJob } from './complete.ts'
import {
  cancelJob,
  defineWorker,
  dispatchDue,
  handleDelivery,
  reconcile,
  type Shell,
  type Worker,
} from './index.ts'
import { compare } from './liveness.ts'

const spoken = {
  language: 'en',
  provider: 'test',
  model: 'test-1',
  durationMs: 1_000,
  segments: [{ startMs: 0, endMs: 900, text: 'hello', words: [{ text: 'hello', startMs: 0, endMs: 900 }] }],
}

type Run = (context: { signal: AbortSignal }) => Promise<typeof spoken>

const transcribing = (run: Run = async () => spoken): Worker<unknown> =>
  defineWorker(TranscribeJob, {
    run: (_job, _deps, context) => run(context),
    async save(trx, { input }, transcript) {
      const transcriptId = await replaceTranscript(trx, input.chapterId, transcript)
      return { transcriptId, segmentCount: 1, wordCount: 1, provider: 'test', model: 'test-1' }
    },
  })

/** A run that tells when it has begun and ends when it is told to. */
function heldRun() {
  const [begun, end] = [Promise.withResolvers<AbortSignal>(), Promise.withResolvers<void>()]
  const run: Run = async ({ signal }) => {
    begun.resolve(signal)
    await Promise.race([end.promise, once(signal, 'abort').then(() => Promise.reject(signal.reason))])
    return spoken
  }
  return { run, begun: begun.promise, end: end.resolve }
}

/** Delivers the one waiting transcribe ticket to this shell, without handling it. */
async function deliver(world: World, shell: Shell) {
  await world.dispatch()
  await world.bus.ensureGroups('transcribe')
  const [delivery] = await world.bus.readNew(
    streamKey(world.bus.prefix, 'transcribe', 'high'),
    shell.workerId,
    1,
  )
  if (!delivery) throw new Error('nothing was delivered')
  return delivery
}

onEachDatabase((newWorld) => {
  it('row 6: lets another worker take over when the lease has run out, and drops what the first still writes', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const id = book.job('transcribe 1')
    const [slow, quick] = [world.shell('slow'), world.shell('quick')]
    const held = heldRun()
    const first = handleDelivery(slow, transcribing(held.run), undefined, await deliver(world, slow))
    await held.begun

    await world.expireLeases('transcribe')
    const stream = streamKey(world.bus.prefix, 'transcribe', 'high')
    const [again] = await world.bus.takeOver(stream, quick.workerId, 1, 12_000)
    if (!again) throw new Error('nothing to take over')
    await handleDelivery(quick, transcribing(), undefined, again)
    held.end()
    await first

    expect(await world.job(id)).toMatchObject({
      status: 'completed',
      fence: 1,
      crashes: 1,
      attempts: 0,
      worker_id: quick.workerId,
    })
    expect(slow.zombies).toEqual([id])
    expect(await world.db.selectFrom('transcripts').selectAll().execute()).toHaveLength(1)
  })

  it('row 6: does not let the acknowledgement of a worker that lost its entry delete it', async () => {
    await using world = await newWorld()
    await world.seedAudiobook()
    const [one, other] = [world.shell('one'), world.shell('other')]
    const { stream, entryId } = await deliver(world, one)
    await world.expireLeases('transcribe')
    await world.bus.takeOver(stream, other.workerId, 1, 12_000)

    expect(await world.bus.acknowledge(stream, one.workerId, [entryId])).toBe(0)
    expect(await world.bus.depth('transcribe')).toBe(1)
    expect(await world.bus.renew(stream, one.workerId, [entryId])).toEqual(['lost'])
    expect(await world.bus.renew(stream, other.workerId, [entryId])).toEqual(['renewed'])
  })

  it('claims a job that was delivered to a worker which died before claiming it', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const { stream } = await deliver(world, world.shell('dead'))
    await world.expireLeases('transcribe')
    const next = world.shell('next')
    const [delivery] = await world.bus.takeOver(stream, next.workerId, 1, 12_000)

    await handleDelivery(next, transcribing(), undefined, delivery ?? { stream, entryId: '', ticket: '' })

    expect(await world.job(book.job('transcribe 1'))).toMatchObject({ status: 'completed', crashes: 0 })
  })

  it('row 2: counts a crash where a process comes back and takes over what it held itself before', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const [before, after] = [world.shell('worker'), world.shell('worker')]
    const { stream, entryId, ticket } = await deliver(world, before)
    await claimJob(world.db, JSON.parse(ticket), { workerId: before.workerId, entryId })
    await world.expireLeases('transcribe')

    const [again] = await world.bus.takeOver(stream, after.workerId, 1, 12_000)
    await handleDelivery(after, transcribing(), undefined, again ?? { stream, entryId, ticket })

    expect(await world.job(book.job('transcribe 1'))).toMatchObject({
      status: 'completed',
      ...{ fence: 1, crashes: 1, worker_id: after.workerId },
    })
    expect(after.workerId).not.toBe(before.workerId)
  })

  it('runs nothing again when a worker died between commit and acknowledgement', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const [dead, next] = [world.shell('dead'), world.shell('next')]
    const delivery = await deliver(world, dead)
    await handleDelivery(dead, transcribing(), undefined, delivery)
    await world.expireLeases('transcribe')
    const [again] = await world.bus.takeOver(delivery.stream, next.workerId, 1, 12_000)

    const outcome = await handleDelivery(
      next,
      transcribing(() => Promise.reject(new Error('ran again'))),
      undefined,
      again ?? delivery,
    )

    expect(outcome).toBe('done')
    expect(await world.job(book.job('transcribe 1'))).toMatchObject({
      status: 'completed',
      attempts: 0,
      fence: 0,
    })
  })

  it('recognises its own take-over when the answer to it was lost', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const [dead, next] = [world.shell('dead'), world.shell('next')]
    const { stream, entryId, ticket } = await deliver(world, dead)
    await claimJob(world.db, JSON.parse(ticket), { workerId: dead.workerId, entryId })
    await world.expireLeases('transcribe')
    const [again] = await world.bus.takeOver(stream, next.workerId, 1, 12_000)
    await takeOverJob(world.db, book.job('transcribe 1'), { workerId: next.workerId, entryId })

    await handleDelivery(next, transcribing(), undefined, again ?? { stream, entryId, ticket })

    expect(await world.job(book.job('transcribe 1'))).toMatchObject({
      status: 'completed',
      crashes: 1,
      fence: 1,
    })
  })

  it('row 26: leaves a running job alone whose entry a restarted Redis delivers as if it were new', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const [busy, other] = [world.shell('busy'), world.shell('other')]
    const delivery = await deliver(world, busy)
    await claimJob(world.db, JSON.parse(delivery.ticket), {
      workerId: busy.workerId,
      entryId: delivery.entryId,
    })

    await handleDelivery(other, transcribing(), undefined, delivery)

    const job = await world.job(book.job('transcribe 1'))
    expect(job).toMatchObject({ status: 'running', worker_id: busy.workerId, fence: 0 })
  })

  it('row 6: takes a running job over by its own entry alone, not by that of a second ticket', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const [busy, dead, other] = [world.shell('busy'), world.shell('dead'), world.shell('other')]
    const { stream, entryId, ticket } = await deliver(world, busy)
    await claimJob(world.db, JSON.parse(ticket), { workerId: busy.workerId, entryId })
    await world.bus.publish([{ queue: 'transcribe', lane: 'high', ticket: JSON.parse(ticket) }])
    await world.bus.readNew(stream, dead.workerId, 1)
    await world.expireLeases('transcribe')
    await world.bus.renew(stream, busy.workerId, [entryId])

    const [second] = await world.bus.takeOver(stream, other.workerId, 10, 12_000)
    await handleDelivery(other, transcribing(), undefined, second ?? { stream, entryId: '', ticket })

    expect(second?.entryId).not.toBe(entryId)
    expect(await world.job(book.job('transcribe 1'))).toMatchObject({
      status: 'running',
      ...{ worker_id: busy.workerId, fence: 0, crashes: 0 },
    })
  })

  it('tells a run at once that another consumer has its entry', async () => {
    await using world = await newWorld()
    await world.seedAudiobook()
    const held = heldRun()
    await world.start([transcribing(held.run)], undefined, { leaseMs: 300 })
    const signal = await held.begun

    // Its row is still this run's: nothing but the entry tells.
    const stream = streamKey(world.bus.prefix, 'transcribe', 'high')
    const [[entryId] = ['']] = (await world.bus.redis.xpending(stream, 'workers', '-', '+', 1)) as [string][]
    await world.bus.redis.xclaim(stream, 'workers', 'other', 0, entryId, 'JUSTID')

    await expect.poll(() => signal.aborted, { timeout: 20_000 }).toBe(true)
    expect(signal.reason).toMatchObject({ abortCause: 'lost' })
  })

  it('tells a run by a hint alone that its job was cancelled', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const held = heldRun()
    await world.start([transcribing(held.run)], undefined)
    const signal = await held.begun

    // Its row still says that it runs: no beat could tell.
    await expect
      .poll(
        async () => {
          await world.bus.announceCancelled([book.job('transcribe 1')])
          return signal.aborted
        },
        { timeout: 20_000 },
      )
      .toBe(true)

    expect(signal.reason).toMatchObject({ abortCause: 'cancelled' })
  })

  it('hands back what Postgres takes for running here and nobody here runs', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const shell = world.shell()
    const { entryId, ticket } = await deliver(world, shell)
    await claimJob(world.db, JSON.parse(ticket), { workerId: shell.workerId, entryId })

    await compare(shell)

    expect(await world.job(book.job('transcribe 1'))).toMatchObject({
      status: 'queued',
      fence: 1,
      hand_backs: 1,
    })
  })

  it.each(['taken over', 'cancelled'])(
    'tells a run whose job was %s from another by its row alone',
    async (how) => {
      await using world = await newWorld()
      const book = await world.seedAudiobook()
      const id = book.job('transcribe 1')
      const shell = world.shell('deaf')
      const held = heldRun()
      const delivery = await deliver(world, shell)
      const run = activeRun(delivery)
      shell.active.runs.add(run)
      const running = handleDelivery(shell, transcribing(held.run), undefined, delivery, run)
      await held.begun
      if (how === 'cancelled') await cancelJob(world, id, 'an admin')
      else await takeOverJob(world.db, id, { workerId: 'another', entryId: delivery.entryId })

      await compare(shell)

      await running
      expect(run.abort.signal.reason).toMatchObject({
        abortCause: how === 'cancelled' ? 'cancelled' : 'lost',
      })
      expect(shell.zombies).toEqual(how === 'cancelled' ? [] : [id])
    },
  )

  it('row 5: runs a job with a crash behind it alone, and takes three crashes alone for its fault', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const delivery = await deliver(world, world.shell('first'))
    const id = book.job('transcribe 1')
    const { entryId } = delivery
    const ticket = { v: 1 as const, type: 'transcribe', jobId: id, fence: 0 }
    const dieAs = (workerId: string) => takeOverJob(world.db, id, { workerId, entryId })
    const beginAlone = async (fence: number) =>
      expect(await markAlone(world.db, { jobId: id, fence })).toBe(true)

    const first = await claimJob(world.db, ticket, { workerId: 'first', entryId })
    expect(first).toMatchObject({ alone: false, crashes: 0, crashes_alone: 0 })
    // The first crash may have been a neighbour's fault.
    expect(await dieAs('second')).toMatchObject({ alone: false, crashes: 1, crashes_alone: 0 })
    // So may one that came while it waited until it was alone.
    expect(await dieAs('third')).toMatchObject({ alone: false, crashes: 2, crashes_alone: 0 })
    await beginAlone(2)
    expect(await dieAs('fourth')).toMatchObject({ alone: false, crashes: 3, crashes_alone: 1 })
    await beginAlone(3)
    expect(await dieAs('fifth')).toMatchObject({ alone: false, crashes: 4, crashes_alone: 2 })
    await beginAlone(4)

    await world.expireLeases('transcribe')
    const last = world.shell('last')
    const [again] = await world.bus.takeOver(delivery.stream, last.workerId, 1, 12_000)
    await handleDelivery(last, transcribing(), undefined, again ?? delivery)

    expect(await world.job(id)).toMatchObject({
      status: 'failed',
      error_code: 'crashed-repeatedly',
      crashes_alone: 3,
      attempts: 1,
    })
  })

  it('lets a job with a crash behind it wait until its process is empty, and nothing else begin', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook(3)
    const [held, soloist] = [heldRun(), heldRun()]
    const crashed = book.job('transcribe 2')
    await world.db.updateTable('processing_jobs').set({ crashes: 1 }).where('id', '=', crashed).execute()
    await world.dispatch()
    await world.bus.ensureGroups('transcribe')
    const shell = world.shell('busy')
    const take = async (lane: 'high' | 'normal', most = 1) =>
      await world.bus.readNew(streamKey(world.bus.prefix, 'transcribe', lane), shell.workerId, most)
    const [neighbour] = await take('high')
    const [second, third] = await take('normal', 2)
    if (!neighbour || !second || !third) throw new Error('not everything was delivered')

    const running = handleDelivery(shell, transcribing(held.run), undefined, neighbour)
    await held.begun
    const alone = handleDelivery(shell, transcribing(soloist.run), undefined, second)
    await expect.poll(() => shell.gate.isOpen()).toBe(false)
    // Whoever comes now goes to another process, unclaimed.
    expect(await handleDelivery(shell, transcribing(), undefined, third)).toBe('hand-back')
    expect(await world.job(book.job('transcribe 3'))).toMatchObject({ status: 'queued', fence: 0 })

    held.end()
    await running
    await soloist.begun
    soloist.end()
    expect(await alone).toBe('done')
    expect(await world.job(crashed)).toMatchObject({ status: 'completed', alone: true })
    expect(shell.gate.isOpen()).toBe(true)
  })

  it('gives a second job with a crash behind it back while a first one is alone, so that it begins elsewhere', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook(3)
    const soloist = heldRun()
    const [first, second] = [book.job('transcribe 2'), book.job('transcribe 3')]
    const shell = world.shell('busy')
    const readNormal = async (most: number) =>
      await world.bus.readNew(streamKey(world.bus.prefix, 'transcribe', 'normal'), shell.workerId, most)
    await world.db
      .updateTable('processing_jobs')
      .set({ crashes: 1 })
      .where('id', 'in', [first, second])
      .execute()
    await world.dispatch()
    await world.bus.ensureGroups('transcribe')
    const [one, other] = await readNormal(2)
    if (!one || !other) throw new Error('not everything was delivered')
    const alone = handleDelivery(shell, transcribing(soloist.run), undefined, one)
    await soloist.begun

    // Taken over just before the gate was shut, say.
    await handleDelivery(shell, transcribing(), undefined, { ...other, reclaimed: true })

    expect(await world.job(first)).toMatchObject({ status: 'running', alone: true })
    expect(await world.job(second)).toMatchObject({
      status: 'queued',
      alone: false,
      hand_backs: 1,
      crashes: 1,
    })
    soloist.end()
    expect(await alone).toBe('done')
  })

  it('rows 20, 26: sends every queued job again after Redis was emptied, and leaves what a living worker runs alone', async () => {
    await using world = await newWorld()
    const [waiting, running] = [await world.seedAudiobook(), await world.seedAudiobook()]
    const [queued, mine] = [waiting.job('transcribe 1'), running.job('transcribe 1')]
    await world.dispatch()
    await world.db
      .insertInto('workers')
      .values({ id: 'alive', service: 'test', queues: '[]', concurrency: 1, stale_after_ms: 15_000 })
      .execute()
    await world.db
      .updateTable('processing_jobs')
      .set({ status: 'running', worker_id: 'alive' })
      .where('id', '=', mine)
      .execute()
    await world.db
      .updateTable('processing_jobs')
      .set({ dispatched_at: new Date(0) })
      .where('id', '=', queued)
      .execute()

    await world.emptyRedis()
    const drift = await reconcile(world.db, world.bus)

    expect(drift).toEqual({
      ticketsLost: 1,
      runsLost: 0,
      dependantsFreed: 0,
      parentsSettled: 0,
      parkedReleased: 0,
    })
    expect(await world.job(mine)).toMatchObject({ status: 'running', fence: 0 })
    expect(await world.dispatch()).toBe(1)
    expect(await reconcile(world.db, world.bus)).toEqual({
      ticketsLost: 0,
      runsLost: 0,
      dependantsFreed: 0,
      parentsSettled: 0,
      parkedReleased: 0,
    })
  })

  it('finds a lost run behind more than a thousand silent ones whose entries still stand', async () => {
    await using world = await newWorld()
    const { db, bus } = world
    await insertManyJobs(db, { count: 1_002, queue: 'tag', status: 'running' })
    const ticket = JSON.stringify({ v: 1, type: 'tag', jobId: randomUUID(), fence: 0 })
    const entryId = await bus.redis.xadd(streamKey(bus.prefix, 'tag', 'normal'), '*', 'ticket', ticket)
    await sql`
      update processing_jobs set worker_id = 'dead', entry_id = ${entryId}
      where id < (select id from processing_jobs order by id desc limit 1)`.execute(db)

    expect(await reconcile(db, bus)).toMatchObject({ runsLost: 1 })
  })

  it('gives a job of a silent worker to another where its entry is gone, and not where it still stands', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const id = book.job('transcribe 1')
    const { entryId } = await deliver(world, world.shell('dead'))
    await world.db
      .updateTable('processing_jobs')
      .set({ status: 'running', worker_id: 'dead', entry_id: entryId })
      .where('id', '=', id)
      .execute()

    expect(await reconcile(world.db, world.bus)).toMatchObject({ runsLost: 0 })
    await world.emptyRedis()
    expect(await reconcile(world.db, world.bus)).toMatchObject({ runsLost: 1 })

    expect(await world.job(id)).toMatchObject({ status: 'queued', fence: 1, crashes: 1 })
    await world.drain([transcribing()])
    expect(await world.job(id)).toMatchObject({ status: 'completed' })
  })

  it('sends a ticket again that was marked by a dispatcher which died before sending it', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const mark = (dispatch_after: Date) =>
      world.db
        .updateTable('processing_jobs')
        .set({ dispatch_after })
        .where('id', '=', book.job('transcribe 1'))
        .execute()

    await mark(new Date(Date.now() + 60_000))
    expect(await world.dispatch()).toBe(0)
    await mark(new Date(0))
    expect(await world.dispatch()).toBe(1)
  })

  it('frees dependants whose release was lost', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    await world.db
      .updateTable('processing_jobs')
      .set({ status: 'completed' })
      .where('id', '=', book.job('transcribe 1'))
      .execute()

    expect(await reconcile(world.db, world.bus)).toMatchObject({ dependantsFreed: 3 })
    expect(await world.job(book.job('tag'))).toMatchObject({ status: 'queued', waiting_on: 0 })
  })

  it('releases a job that waits for several once, when the last two complete together', async () => {
    await using world = await newWorld()
    const { one, two, both, complete } = await lastTwoBlockers(world)

    await Promise.all([complete(one), complete(two)])

    expect(await world.job(both)).toMatchObject({ status: 'queued', waiting_on: 0 })
  })

  it('knows a commit whose answer was lost for its own, and refuses to save twice', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const run = { jobId: book.job('transcribe 1'), fence: 0, subjectKind: 'audiobook', subjectId: book.id }
    await world.db
      .updateTable('processing_jobs')
      .set({ status: 'running' })
      .where('id', '=', run.jobId)
      .execute()
    const saves: string[] = []
    const save = async (_trx: Trx) => saves.push('saved')

    expect(await committedByThisRun(world.db, run)).toBeUndefined()
    await completeJob(world.db, run, save)

    expect(await committedByThisRun(world.db, run)).toMatchObject({ waits: false })
    expect(await committedByThisRun(world.db, { ...run, fence: 1 })).toBeUndefined()
    await expect(completeJob(world.db, run, save)).rejects.toThrow('no longer this run')
    expect(saves).toHaveLength(1)
  })

  it('fires the signal of a running job that is cancelled, and writes nothing of it', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const id = book.job('transcribe 1')
    const held = heldRun()
    const process = await world.start([transcribing(held.run)], undefined)
    await held.begun

    await cancelJob(world, id, 'an admin')
    await process.stop()

    expect(await world.job(id)).toMatchObject({ status: 'cancelled', fence: 1, hand_backs: 0 })
    expect(await world.db.selectFrom('transcripts').selectAll().execute()).toEqual([])
    expect(await world.bus.depth('transcribe')).toBe(0)
    await expect(cancelJob(world, id, 'an admin')).rejects.toThrow(
      'a job that is cancelled can not be cancelled',
    )
  })

  it('row 9: hands a running job back on shutdown without spending an attempt, and another process finishes it', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const id = book.job('transcribe 1')
    const held = heldRun()
    const leaving = await world.start([transcribing(held.run)], undefined)
    await held.begun

    await leaving.stop()
    expect(await world.job(id)).toMatchObject({
      status: 'queued',
      attempts: 0,
      crashes: 0,
      hand_backs: 1,
      fence: 1,
    })
    await world.drain([transcribing()])

    expect(await world.job(id)).toMatchObject({ status: 'completed' })
    expect(await world.bus.depth('transcribe')).toBe(0)
  })

  it('runs what was inserted while Redis was away, once it is back', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const away: Shell['bus'] = {
      ...world.bus,
      publish: () => Promise.reject(new Error('connection refused')),
    }
    await expect(dispatchDue(world.db, away)).rejects.toThrow('connection refused')
    await world.db
      .updateTable('processing_jobs')
      .set({ dispatch_after: new Date(0) })
      .where('status', '=', 'queued')
      .execute()

    await world.drain([transcribing()])

    expect(await world.job(book.job('transcribe 1'))).toMatchObject({ status: 'completed', attempts: 0 })
  })

  it('makes a process idle and busy by itself: from insert to completed without a step by hand', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook(3)
    const done = Promise.withResolvers<void>()
    const tags: Worker<unknown> = defineWorker(TagJob, {
      run: async () => ({ provider: 'test', model: 'test-1', tags: [] }),
      save: async () => {
        done.resolve()
        return { aiOutputId: crypto.randomUUID(), provider: 'test', model: 'test-1' }
      },
    })
    const process = await world.start([transcribing(), tags], undefined, { concurrency: 2, graceMs: 10_000 })

    await done.promise
    await process.stop()

    expect(await world.job(book.job('tag'))).toMatchObject({ status: 'completed' })
    expect(await world.db.selectFrom('workers').selectAll().execute()).toEqual([])
  })

  it('undoes everything of a transaction that fails, also on a connection that is used again', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const failing = inTransaction(world.db, async (trx) => {
      await trx.updateTable('audiobooks').set({ title: 'changed' }).where('id', '=', book.id).execute()
      throw new Error('no')
    })

    await expect(failing).rejects.toThrow('no')
    const { title } = await world.db
      .selectFrom('audiobooks')
      .select('title')
      .where('id', '=', book.id)
      .executeTakeFirstOrThrow()
    expect(title).toBe('A book')
  })
})

// PGlite runs one transaction at a time: there nothing can meet.
it.skipIf(!realPostgres())(
  'releases a dependant once when both of its last blockers were completed before either counted itself off',
  async () => {
    await using world = await testWorld()
    const { one, two, both, complete } = await lastTwoBlockers(world)
    let completing: Promise<unknown> = Promise.resolve()

    // Held back until both have come to count themselves off, and neither has seen the other.
    await world.db.transaction().execute(async (trx) => {
      await trx.selectFrom('processing_jobs').select('id').where('id', '=', both).forUpdate().execute()
      completing = Promise.all([complete(one), complete(two)])
      await vi.waitUntil(async () => (await waitingForALock(world)) === 2, { timeout: 20_000, interval: 5 })
    })
    await completing

    expect(await world.job(both)).toMatchObject({ status: 'queued', waiting_on: 0 })
  },
)

async function waitingForALock({ db }: World): Promise<number> {
  const { rows } = await sql`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
  return rows.length
}

/** Two jobs that run, one that waits for both of them, and how a run of theirs completes. */
async function lastTwoBlockers(world: World) {
  const { db } = world
  const book = await world.seedAudiobook(2)
  const [one, two, both] = [book.job('transcribe 1'), book.job('transcribe 2'), book.job('embed 2')]
  await db.insertInto('job_dependencies').values({ job_id: both, depends_on: one }).execute()
  await db.updateTable('processing_jobs').set({ waiting_on: 2 }).where('id', '=', both).execute()
  await db.updateTable('processing_jobs').set({ status: 'running' }).where('id', 'in', [one, two]).execute()
  const complete = (jobId: string) =>
    completeJob(db, { jobId, fence: 0, subjectKind: 'audiobook', subjectId: book.id }, async () => ({}))
  return { one, two, both, complete }
}
