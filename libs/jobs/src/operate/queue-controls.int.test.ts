import { type Bus, streamKey } from '@app/bus'
import { onEachDatabase, type World } from '@app/testkit'
import { expect, it } from 'vitest'
import { claimJob } from '../claim.ts'
import { claimOutside, dispatchDue, drainQueue, pauseQueue, queueControls, resumeQueue } from '../index.ts'

const auditOf = ({ db }: World) =>
  db.selectFrom('audit_log').select(['who', 'action', 'subject', 'details']).orderBy('at').execute()

/** Every ticket that stands on the queue's high lane, delivered to nobody in particular. */
async function deliverAll({ bus }: World, queue: string) {
  await bus.ensureGroups(queue)
  return await bus.readNew(streamKey(bus.prefix, queue, 'high'), 'somebody', 100)
}

onEachDatabase((newWorld) => {
  it('withdraws the tickets that stand unclaimed on the stream: their entries claim nothing', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    await world.dispatch()

    await pauseQueue(world.db, 'transcribe', { who: 'an admin', reason: 'the provider is down' })

    const [delivery, ...others] = await deliverAll(world, 'transcribe')
    const { entryId = '', ticket = '{}' } = delivery ?? {}
    expect(others).toEqual([])
    expect(await claimJob(world.db, JSON.parse(ticket), { workerId: 'somebody', entryId })).toBeUndefined()
    expect(await world.job(book.job('transcribe 1'))).toMatchObject({
      status: 'queued',
      fence: 1,
      entry_id: null,
      dispatched_at: null,
      attempts: 0,
    })
  })

  it('leaves what runs alone, and other queues', async () => {
    await using world = await newWorld()
    const [running, other] = [await world.seedAudiobook(), await world.seedAudiobook()]
    await world.dispatch()
    const [delivery] = await deliverAll(world, 'transcribe')
    const { entryId = '', ticket = '{}' } = delivery ?? {}
    const claimed = await claimJob(world.db, JSON.parse(ticket), { workerId: 'somebody', entryId })

    await pauseQueue(world.db, 'transcribe', { who: 'an admin' })
    await pauseQueue(world.db, 'tag', { who: 'an admin' })

    const ids = [running.job('transcribe 1'), other.job('transcribe 1')]
    const rows = await Promise.all(ids.map((id) => world.job(id)))
    expect(rows.find((row) => row.id === claimed?.id)).toMatchObject({ status: 'running', fence: 0 })
    expect(rows.find((row) => row.id !== claimed?.id)).toMatchObject({ status: 'queued', fence: 1 })
  })

  it('says who paused a queue first, why, and whether somebody waits for it to drain', async () => {
    await using world = await newWorld()
    const { db } = world

    const first = await pauseQueue(db, 'embed', { who: 'ada', reason: 'new model' })
    const second = await drainQueue(db, 'embed', { who: 'grace' })
    await pauseQueue(db, 'tag', { who: 'grace' })

    expect(first).toMatchObject({ queue: 'embed', pausedBy: 'ada', reason: 'new model', draining: false })
    expect(second).toEqual({ ...first, draining: true })
    expect(await queueControls(db)).toMatchObject([
      { queue: 'embed', pausedBy: 'ada', reason: 'new model', draining: true },
      { queue: 'tag', pausedBy: 'grace', reason: null, draining: false },
    ])
  })

  it('resumes once, and writes down who did what', async () => {
    await using world = await newWorld()
    await pauseQueue(world.db, 'tag', { who: 'ada', reason: 'new model' })
    await drainQueue(world.db, 'tag', { who: 'grace' })

    expect(await resumeQueue(world, 'tag', 'linus')).toBe(true)
    expect(await resumeQueue(world, 'tag', 'linus')).toBe(false)

    expect(await queueControls(world.db)).toEqual([])
    const subject = 'queue tag'
    expect(await auditOf(world)).toEqual([
      { who: 'ada', action: 'queue-paused', subject, details: { reason: 'new model' } },
      { who: 'grace', action: 'queue-drained', subject, details: { reason: null } },
      { who: 'linus', action: 'queue-resumed', subject, details: {} },
    ])
  })

  it('sends nothing of a paused queue, and all of it once it is resumed', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    await pauseQueue(world.db, 'transcribe', { who: 'ada' })

    expect(await world.dispatch()).toBe(0)
    expect(await deliverAll(world, 'transcribe')).toEqual([])
    await resumeQueue(world, 'transcribe', 'ada')
    expect(await world.dispatch()).toBe(1)

    const { entry_id } = await world.job(book.job('transcribe 1'))
    expect(await deliverAll(world, 'transcribe')).toMatchObject([{ entryId: entry_id }])
  })

  it('withdraws what a dispatcher has marked and not yet published', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    const pausing: Bus = {
      ...world.bus,
      publish: async (tickets) => {
        await pauseQueue(world.db, 'transcribe', { who: 'ada' })
        return await world.bus.publish(tickets)
      },
    }

    await dispatchDue(world.db, pausing)

    const [delivery] = await deliverAll(world, 'transcribe')
    const { entryId = '', ticket = '{}' } = delivery ?? {}
    expect(await claimJob(world.db, JSON.parse(ticket), { workerId: 'somebody', entryId })).toBeUndefined()
    expect(await world.job(book.job('transcribe 1'))).toMatchObject({ status: 'queued', dispatched_at: null })
  })

  it('lets no outside worker start a job of a paused queue', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook()
    await pauseQueue(world.db, 'transcribe', { who: 'ada' })

    const claim = claimOutside(world.db, book.job('transcribe 1'), 'a partner')

    await expect(claim).rejects.toMatchObject({ code: 'queue-paused' })
    await resumeQueue(world, 'transcribe', 'ada')
    expect(await claimOutside(world.db, book.job('transcribe 1'), 'a partner')).toMatchObject({
      status: 'running',
    })
  })

  it('pauses a queue whose job types this version does not know, and no queue that nobody knows', async () => {
    await using world = await newWorld()
    await world.seedAudiobook()
    await world.db
      .updateTable('processing_jobs')
      .set({ queue: 'translate' })
      .where('type', '=', 'tag')
      .execute()

    await expect(pauseQueue(world.db, 'translate', { who: 'ada' })).resolves.toMatchObject({
      queue: 'translate',
    })
    await expect(pauseQueue(world.db, 'transcrybe', { who: 'ada' })).rejects.toThrow('no queue transcrybe')
    await expect(resumeQueue(world, 'transcrybe', 'ada')).rejects.toMatchObject({ code: 'queue-not-found' })
  })
})
