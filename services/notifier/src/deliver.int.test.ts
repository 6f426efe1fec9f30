import { randomBytes, randomUUID } from 'node:crypto'
import { planDelivery } from '@app/flows'
import { cancelJob } from '@app/jobs'
import { urlRulesFrom } from '@app/net'
import { testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { type DeliverDeps, deliver } from './deliver.ts'
import { pruneCallbacks, pruneDeliveries } from './prune-deliveries.ts'
import { startReceiver, verified } from './testing/receiver.ts'

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`
const message = { type: 'job.completed', data: { title: 'Größe, “quotes” & 日本' } }
const depsOf = ({ db }: World, allowed = '127.0.0.1', timeoutMs = 20_000): DeliverDeps => ({
  timeoutMs,
  ...{ db, reach: { rules: urlRulesFrom({ URL_ALLOWED_HOSTS: allowed }) }, mostOfOwner: 2, mostToHost: 8 },
})

type Changes = Partial<{ owner_id: string; secret: string; disabled_at: Date; failing_since: Date }>

async function newWebhook({ db }: World, url: string, changes: Changes = {}) {
  return await db
    .insertInto('webhooks')
    .values({ owner_id: randomUUID(), url, events: ['job.completed'], secret: newSecret(), ...changes })
    .returning(['id', 'owner_id', sql<string>`secret`.as('secret')])
    .executeTakeFirstOrThrow()
}

async function newDelivery(
  world: World,
  webhook: { id: string; owner_id: string },
  changes: { attempts?: number; event_type?: string } = {},
) {
  const { id } = await world.db
    .insertInto('webhook_deliveries')
    .values({
      webhook_id: webhook.id,
      event_type: 'job.completed',
      body: JSON.stringify(message),
      ...changes,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const { ids } = await world.insert([planDelivery({ deliveryId: id, ownerId: webhook.owner_id })])
  return { id, jobId: ids.get(id) ?? '' }
}

const deliveryOf = ({ db }: World, id: string) =>
  db.selectFrom('webhook_deliveries').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const webhookOf = ({ db }: World, id: string) =>
  db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

/** As if the time between two tries had passed. */
async function laterOn({ db }: World): Promise<void> {
  await db
    .updateTable('processing_jobs')
    .set({ run_at: new Date(0) })
    .where('status', '=', 'queued')
    .execute()
  await db
    .updateTable('webhook_deliveries')
    .set({ next_attempt_at: new Date(0) })
    .execute()
}

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)
const secondsFromNow = (date: Date | null) => ((date?.getTime() ?? 0) - Date.now()) / 1_000

describe('a message', () => {
  it('is sent as it was written, signed so that its receiver can verify it', async () => {
    await using world = await testWorld()
    await using receiver = await startReceiver()
    const webhook = await newWebhook(world, receiver.url)
    const { id, jobId } = await newDelivery(world, webhook)

    await world.drain([deliver], depsOf(world))

    const [received] = receiver.received
    expect(received && verified(webhook.secret, received)).toEqual(message)
    expect(() => received && verified(newSecret(), received)).toThrow('No matching signature')
    expect(received?.headers).toMatchObject({ 'webhook-id': id, 'content-type': 'application/json' })
    expect(await deliveryOf(world, id)).toMatchObject({
      status: 'delivered',
      attempts: 1,
      response_status: 204,
    })
    expect(await world.job(jobId)).toMatchObject({
      ...{ status: 'completed', output: { delivered: true, attempts: 1 }, attempts: 0 },
    })
  })

  it('is signed by the secret before as well, until that one ends', async () => {
    await using world = await testWorld()
    await using receiver = await startReceiver()
    const webhook = await newWebhook(world, receiver.url)
    const before = newSecret()
    const rotated = (until: Date) =>
      world.db
        .updateTable('webhooks')
        .set({ previous_secret: before, previous_secret_until: until })
        .execute()

    await rotated(daysAgo(-1))
    await newDelivery(world, webhook)
    await world.drain([deliver], depsOf(world))
    await rotated(daysAgo(1))
    await newDelivery(world, webhook)
    await world.drain([deliver], depsOf(world))

    const [during, after] = receiver.received
    for (const secret of [webhook.secret, before]) expect(during && verified(secret, during)).toEqual(message)
    expect(after && verified(webhook.secret, after)).toEqual(message)
    expect(() => after && verified(before, after)).toThrow('No matching signature')
  })

  it('to a callback is signed by its owner’s secret for all of them', async () => {
    await using world = await testWorld()
    await using receiver = await startReceiver()
    const { db } = world
    const callback = { owner_id: randomUUID(), secret: newSecret() }
    await db.insertInto('callback_secrets').values(callback).execute()
    const webhook = await newWebhook(world, receiver.url, { owner_id: callback.owner_id })
    await db.updateTable('webhooks').set({ origin: 'callback', secret: null }).execute()
    await newDelivery(world, webhook)

    await world.drain([deliver], depsOf(world))

    const [received] = receiver.received
    expect(received && verified(callback.secret, received)).toEqual(message)
  })

  it('comes again with the same id where its sender died before it was written down', async () => {
    await using world = await testWorld()
    await using receiver = await startReceiver()
    const { id, jobId } = await newDelivery(world, await newWebhook(world, receiver.url), { attempts: 2 })
    receiver.answerWith(async (response) => {
      // What a take-over does to a run that was killed here.
      if (receiver.received.length === 1) {
        const again = { status: 'queued', dispatch_after: null, dispatched_at: null } as const
        await world.db
          .updateTable('processing_jobs')
          .set((eb) => ({ ...again, fence: eb('fence', '+', 1) }))
          .where('id', '=', jobId)
          .execute()
      }
      response.writeHead(200).end()
    })

    await world.drain([deliver], depsOf(world))

    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([id, id])
    expect(await deliveryOf(world, id)).toMatchObject({ status: 'delivered', attempts: 3 })
  })
})

describe('a receiver that fails', () => {
  it('is tried again, later each time, at no attempt of the job', async () => {
    await using world = await testWorld()
    await using receiver = await startReceiver()
    const webhook = await newWebhook(world, receiver.url)
    const { id, jobId } = await newDelivery(world, webhook)
    receiver.answerWith((response) => response.writeHead(500).end('x'.repeat(100_000)))

    await world.drain([deliver], depsOf(world))
    const first = await deliveryOf(world, id)
    await world.drain([deliver], depsOf(world))
    await laterOn(world)
    await world.drain([deliver], depsOf(world))
    const second = await deliveryOf(world, id)
    const failing = await webhookOf(world, webhook.id)
    receiver.answerWith((response) => response.writeHead(200).end())
    await laterOn(world)
    await world.drain([deliver], depsOf(world))

    expect(first).toMatchObject({
      status: 'pending',
      attempts: 1,
      response_status: 500,
      error_message: 'answered 500',
    })
    expect(secondsFromNow(first.next_attempt_at)).toBeLessThan(6)
    expect(secondsFromNow(second.next_attempt_at)).toBeGreaterThan(200)
    expect(failing.failing_since).not.toBeNull()
    expect(await deliveryOf(world, id)).toMatchObject({
      status: 'delivered',
      attempts: 3,
      error_message: null,
    })
    expect(await webhookOf(world, webhook.id)).toMatchObject({ failing_since: null, disabled_at: null })
    expect(await world.job(jobId)).toMatchObject({ status: 'completed', attempts: 0 })
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([id]))
  })

  it('waits for its turn where a run died after its try was counted', async () => {
    await using world = await testWorld()
    await using receiver = await startReceiver()
    const { id, jobId } = await newDelivery(world, await newWebhook(world, receiver.url), { attempts: 1 })
    await world.db
      .updateTable('webhook_deliveries')
      .set({ next_attempt_at: daysAgo(-1) })
      .execute()

    await world.drain([deliver], depsOf(world))

    expect(receiver.received).toEqual([])
    expect(await deliveryOf(world, id)).toMatchObject({ status: 'pending', attempts: 1 })
    expect(secondsFromNow((await world.job(jobId)).run_at)).toBeGreaterThan(80_000)
  })

  it.each([
    ['failing for three days: disabled', 4, /no message for three days/],
    ['failing for less: left as it is', 2, null],
  ])('after its last try, %s', async (_, days, reason) => {
    await using world = await testWorld()
    await using receiver = await startReceiver()
    const webhook = await newWebhook(world, receiver.url, { failing_since: daysAgo(days) })
    const { id, jobId } = await newDelivery(world, webhook, { attempts: 9 })
    receiver.answerWith((response) => response.writeHead(500).end())

    await world.drain([deliver], depsOf(world))

    expect(await deliveryOf(world, id)).toMatchObject({
      status: 'failed',
      attempts: 10,
      next_attempt_at: null,
    })
    expect(await world.job(jobId)).toMatchObject({
      ...{ status: 'completed', output: { delivered: false, attempts: 10 } },
    })
    const { disabled_at, disabled_reason } = await webhookOf(world, webhook.id)
    expect([disabled_at !== null, disabled_reason]).toEqual(
      reason ? [true, expect.stringMatching(reason)] : [false, null],
    )
  })

  it('with 410 is disabled at once, and what still waits ends unsent and says so', async () => {
    await using world = await testWorld()
    await using receiver = await startReceiver()
    const webhook = await newWebhook(world, receiver.url)
    const first = await newDelivery(world, webhook)
    receiver.answerWith((response) => response.writeHead(410).end())

    await world.drain([deliver], depsOf(world))
    const second = await newDelivery(world, webhook)
    await world.drain([deliver], depsOf(world))

    expect(receiver.received).toHaveLength(1)
    expect(await webhookOf(world, webhook.id)).toMatchObject({
      disabled_reason: 'its receiver answered 410 Gone',
    })
    expect(await deliveryOf(world, first.id)).toMatchObject({ status: 'failed', response_status: 410 })
    expect(await deliveryOf(world, second.id)).toMatchObject({
      ...{ status: 'failed', attempts: 0, response_status: null },
      error_message: 'not sent, the webhook is disabled: its receiver answered 410 Gone',
    })
  })

  it('with 429 gets nothing at all for as long as it asks', async () => {
    await using world = await testWorld()
    await using receiver = await startReceiver()
    const webhook = await newWebhook(world, receiver.url)
    const first = await newDelivery(world, webhook)
    receiver.answerWith((response) => response.writeHead(429, { 'retry-after': '120' }).end())

    await world.drain([deliver], depsOf(world))
    const second = await newDelivery(world, webhook)
    await world.drain([deliver], depsOf(world))

    expect(receiver.received).toHaveLength(1)
    expect(secondsFromNow((await deliveryOf(world, first.id)).next_attempt_at)).toBeGreaterThan(100)
    const waiting = await world.job(second.jobId)
    expect(waiting).toMatchObject({ status: 'queued', waiting_for: `webhook:${webhook.id}`, snoozes: 0 })
    expect(secondsFromNow(waiting.run_at)).toBeGreaterThan(100)
  })

  it('by redirecting is not followed', async () => {
    await using world = await testWorld()
    await using receiver = await startReceiver()
    const { id } = await newDelivery(world, await newWebhook(world, receiver.url))
    receiver.answerWith((response) => response.writeHead(307, { location: '/elsewhere' }).end())

    await world.drain([deliver], depsOf(world))

    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook'])
    expect(await deliveryOf(world, id)).toMatchObject({ status: 'pending', error_message: 'answered 307' })
  })

  it('by saying nothing is given up, as if nobody were there', async () => {
    await using world = await testWorld()
    await using receiver = await startReceiver()
    const { id } = await newDelivery(world, await newWebhook(world, receiver.url))
    receiver.answerWith(() => {})

    await world.drain([deliver], depsOf(world, '127.0.0.1', 300))

    expect(await deliveryOf(world, id)).toMatchObject({
      ...{ status: 'pending', attempts: 1, response_status: null },
      error_message: expect.stringMatching(/took too long|was silent/),
    })
  })

  it('in a test is tried once, and not held to fail for it', async () => {
    await using world = await testWorld()
    await using receiver = await startReceiver()
    const webhook = await newWebhook(world, receiver.url)
    const { id } = await newDelivery(world, webhook, { event_type: 'webhook.test' })
    receiver.answerWith((response) => response.destroy())

    await world.drain([deliver], depsOf(world))

    expect(await deliveryOf(world, id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      response_status: null,
    })
    expect(await webhookOf(world, webhook.id)).toMatchObject({ failing_since: null, disabled_at: null })
  })
})

it('sends nothing into private networks, whatever the webhook says', async () => {
  await using world = await testWorld()
  await using receiver = await startReceiver()
  const { id } = await newDelivery(world, await newWebhook(world, receiver.url))

  await world.drain([deliver], depsOf(world, ''))

  expect(receiver.received).toEqual([])
  expect(await deliveryOf(world, id)).toMatchObject({
    error_message: expect.stringContaining('private network'),
  })
})

it('goes on with others while all of an owner’s receivers hang', async () => {
  await using world = await testWorld()
  await using hanging = await startReceiver()
  await using prompt = await startReceiver()
  hanging.answerWith(() => {})
  const slow = await newWebhook(world, hanging.url)
  for (let count = 0; count < 5; count += 1) await newDelivery(world, slow)

  await world.start([deliver], depsOf(world), { concurrency: 4 })
  await hanging.until(2)
  await newDelivery(world, await newWebhook(world, prompt.url))
  await prompt.until(1)

  expect(hanging.received).toHaveLength(2)
})

it('ends without a word where the webhook was removed, and says so where its job was cancelled', async () => {
  await using world = await testWorld()
  const removed = await newDelivery(world, await newWebhook(world, 'https://hooks.example.org/'))
  await world.db.deleteFrom('webhooks').execute()
  const cancelled = await newDelivery(world, await newWebhook(world, 'https://hooks.example.org/'))

  await cancelJob(world, cancelled.jobId, 'an admin')
  await world.drain([deliver], depsOf(world))

  expect(await world.job(removed.jobId)).toMatchObject({ status: 'completed', output: { delivered: false } })
  expect(await deliveryOf(world, cancelled.id)).toMatchObject({
    ...{ status: 'failed', error_message: 'its job was cancelled' },
  })
})

it('forgets what ended long ago, with its jobs, and nothing that is still to be sent', async () => {
  await using world = await testWorld()
  const webhook = await newWebhook(world, 'https://hooks.example.org/')
  const [old, waiting, fresh] = [
    await newDelivery(world, webhook),
    await newDelivery(world, webhook),
    await newDelivery(world, webhook),
  ]
  const update = world.db.updateTable('webhook_deliveries')
  await update
    .set({ created_at: daysAgo(31) })
    .where('id', 'in', [old.id, waiting.id])
    .execute()
  await update.set({ status: 'failed' }).where('id', 'in', [old.id, fresh.id]).execute()

  expect(await pruneDeliveries(world.db, 30, 100)).toBe(1)

  const left = await world.db.selectFrom('webhook_deliveries').select('id').execute()
  expect(left.map(({ id }) => id).toSorted()).toEqual([waiting.id, fresh.id].toSorted())
  const jobs = await world.db.selectFrom('processing_jobs').select('id').execute()
  expect(jobs.map(({ id }) => id).toSorted()).toEqual([waiting.jobId, fresh.jobId].toSorted())
})

it('forgets old callbacks that no clip and no delivery names', async () => {
  await using world = await testWorld()
  const callbacks = await Promise.all(
    ['fresh', 'unnamed', 'of-a-delivery', 'of-a-clip'].map((name) => newCallback(world, name)),
  )
  const [fresh, unnamed, delivering, named] = callbacks as [Callback, Callback, Callback, Callback]
  await newDelivery(world, delivering)
  const clip = { owner_id: named.owner_id, url: 'https://example.org/', platform: 'generic' }
  await world.db
    .insertInto('clips')
    .values({ ...clip, webhook_id: named.id })
    .execute()
  await world.db
    .updateTable('webhooks')
    .set({ created_at: daysAgo(31) })
    .where('id', '<>', fresh.id)
    .execute()

  expect(await pruneCallbacks(world.db, 30, 100)).toBe(1)

  const left = await world.db.selectFrom('webhooks').select('id').where('id', '=', unnamed.id).execute()
  expect(left).toEqual([])
})

type Callback = Awaited<ReturnType<typeof newCallback>>

async function newCallback({ db }: World, name: string) {
  return await db
    .insertInto('webhooks')
    .values({ owner_id: randomUUID(), url: `https://example.org/${name}`, origin: 'callback', events: [] })
    .returning(['id', 'owner_id'])
    .executeTakeFirstOrThrow()
}
