import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type ConcurrencyLimit, type Limit, type RateLimit, streamKey } from '@app/bus'
import { defineJob, type Lane } from '@app/contracts'
import { callPutOff, inTransaction, putOffNames } from '@app/db'
import { PutOffError } from '@app/runtime'
import { onEachDatabase, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { takeOverJob } from '../claim.ts'
import {
  cancelJob,
  createShell,
  defineWorker,
  handleDelivery,
  insertJobs,
  type RunContext,
  type Shell,
  type Worker,
  whyNotRunning,
} from '../index.ts'
import { limitsWaitedFor } from './waiting-jobs.ts'

const CallJob = defineJob('call', {
  queue: 'call',
  input: z.object({ index: z.int() }),
  result: z.object({}),
  output: z.object({}),
})
const rate: RateLimit = { kind: 'rate', key: 'openai/gpt-x', permits: 1, perMs: 3_600_000, burst: 1 }
const slots = (most: number): ConcurrencyLimit => ({ kind: 'concurrency', key: 'revai', most })

type Run = (context: RunContext, index: number) => Promise<void>

/** A worker that calls some provider, as `run` says, within these limits. */
const calling = (limits: readonly Limit[], run: Run = async () => {}): Worker<unknown> =>
  defineWorker(CallJob, {
    limits: () => limits,
    async run({ input }, _deps, context) {
      await run(context, input.index)
      return {}
    },
  })

/** Queues so many calls; returns their ids in the order in which they are dispatched. */
async function queueCalls(world: World, count: number, lane: Lane = 'normal'): Promise<string[]> {
  const subjectId = randomUUID()
  const planned = Array.from({ length: count }, (_, index) => ({
    key: String(index),
    ...{ type: 'call', lane, subjectKind: 'test', subjectId, ownerId: randomUUID() },
    ...{ input: { index }, dependsOn: [] },
  }))
  const ownerId = randomUUID()
  await inTransaction(world.db, (trx) =>
    insertJobs(
      trx,
      planned.map((job) => ({ ...job, ownerId })),
      () => CallJob,
    ),
  )
  const rows = await world.db
    .selectFrom('processing_jobs')
    .select('id')
    .where('subject_id', '=', subjectId)
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Dispatches what is due, and delivers it to this shell without handling it. */
async function deliver(world: World, shell: Shell) {
  await world.bus.ensureGroups('call')
  await world.dispatch()
  return await world.bus.readNew(streamKey(world.bus.prefix, 'call', 'normal'), shell.workerId, 1_000)
}

/** Handles all that is due, one after another, and waits for whom that calls. */
async function handleDue(world: World, shell: Shell, worker: Worker<unknown>): Promise<void> {
  for (const delivery of await deliver(world, shell)) {
    await handleDelivery(shell, worker, undefined, delivery)
    await shell.limits.settled()
  }
}

/** A run that tells when it has begun and ends when it is told to. */
function heldRun() {
  const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const run: Run = async ({ signal }) => {
    begun.resolve()
    await Promise.race([end.promise, once(signal, 'abort').then(() => Promise.reject(signal.reason))])
  }
  return { run, begun: begun.promise, end: end.resolve }
}

/** One call that runs until it is told to end, and holds its slot meanwhile. */
async function holdSlot(world: World, shell: Shell, most = 1) {
  const [id = ''] = await queueCalls(world, 1)
  const held = heldRun()
  const [delivery] = await deliver(world, shell)
  if (!delivery) throw new Error('nothing was delivered')
  const done = handleDelivery(shell, calling([slots(most)], held.run), undefined, delivery)
  await held.begun
  return {
    id,
    delivery,
    async end() {
      held.end()
      await done
      await shell.limits.settled()
    },
  }
}

/** Which of these jobs may come now. */
async function dueOf(world: World, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from processing_jobs
    where id = any(${ids}::uuid[]) and status = 'queued' and dispatch_after is null and run_at <= now()
    order by id`.execute(world.db)
  return rows.map(({ id }) => id)
}

/** Makes what one of the limit's keys says about times look so much older. */
async function age(world: World, key: string, ms: number, only?: string): Promise<void> {
  const { redis } = world.bus
  const members = only === undefined ? await redis.zrange(key, '0', '-1') : [only]
  for (const member of members) await redis.zincrby(key, String(-ms * 1_000), member)
}

const slotKey = (world: World, part: string): string => `${world.bus.prefix}:concurrency:{revai}:${part}`

onEachDatabase((newWorld) => {
  it('sends a job that must wait back to the queue: no slot, no attempt, no entry, until its token is there', async () => {
    await using world = await newWorld()
    const [first = '', second = ''] = await queueCalls(world, 2)

    await world.drain([calling([rate])])

    expect(await world.job(first)).toMatchObject({ status: 'completed', waiting_for: null })
    expect(await world.job(second)).toMatchObject({
      ...{ status: 'queued', waiting_for: 'rate:openai/gpt-x', fence: 1, worker_id: null, entry_id: null },
      ...{ attempts: 0, snoozes: 0, crashes: 0, hand_backs: 0, hold_reason: null, started_at: null },
      ...{ error_code: null, dispatched_at: null },
    })
    expect(await world.bus.depth('call')).toBe(0)
    expect(await world.bus.limits.bucketState(rate.key, second)).toMatchObject({ tokens: 0, waiting: 1 })
    const { rows } = await sql<{ ms: number }>`
      select extract(epoch from run_at - updated_at)::float8 * 1000 as ms from processing_jobs
      where id = ${second}`.execute(world.db)
    // An hour after the first token, less what went by since.
    expect(rows[0]?.ms).toBeLessThanOrEqual(3_600_000)
    expect(rows[0]?.ms).toBeGreaterThan(3_000_000)
  })

  it('spreads a backlog over several processes at the rate, and runs each job once', async () => {
    await using world = await newWorld()
    const limit: RateLimit = { kind: 'rate', key: 'k', permits: 40, perMs: 1_000, burst: 8 }
    const [intervalUs, count] = [25_000, 80]
    const granted: { before: number; after: number }[] = []
    const now = async () => {
      const [seconds, us] = await world.bus.redis.time()
      return Number(seconds) * 1_000_000 + Number(us)
    }
    const { limits } = world.bus
    world.bus.limits = {
      ...limits,
      async take(...args) {
        const before = await now()
        const answer = await limits.take(...args)
        if (answer.granted) granted.push({ before, after: await now() })
        return answer
      },
    }
    const [ran, all] = [[] as number[], Promise.withResolvers<void>()]
    const worker = calling([limit], async (_context, index) => {
      if (ran.push(index) === count) all.resolve()
    })
    const ids = await queueCalls(world, count)

    const processes = [
      await world.start([worker], undefined, { concurrency: 4, graceMs: 10_000 }),
      await world.start([worker], undefined, { concurrency: 4, graceMs: 10_000 }),
    ]
    await all.promise
    for (const process of processes) await process.stop()

    // By the server's clock: a token was drawn between `before` and `after`, so n of them took n - burst intervals.
    const from = granted.map(({ before }) => before).sort((a, b) => a - b)
    const to = granted.map(({ after }) => after).sort((a, b) => a - b)
    const tooFast = from.flatMap((start, first) =>
      to
        .slice(first)
        .flatMap((end, more) => (end - start < (more + 1 - 8) * intervalUs ? [{ first, more }] : [])),
    )
    expect(tooFast).toEqual([])
    expect(ran.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index))
    const rows = await world.db.selectFrom('processing_jobs').selectAll().where('id', 'in', ids).execute()
    expect(new Set(rows.map((row) => `${row.status} ${row.attempts} ${row.snoozes} ${row.crashes}`))).toEqual(
      new Set(['completed 0 0 0']),
    )
  })

  it('runs other jobs of the queue while some wait for a limit, on one slot', async () => {
    await using world = await newWorld()
    const ids = await queueCalls(world, 6)
    const done = Promise.withResolvers<void>()
    const worker: Worker<unknown> = defineWorker(CallJob, {
      limits: ({ input }) => (input.index < 4 ? [rate] : []),
      async run({ input }) {
        if (input.index === 5) done.resolve()
        return {}
      },
    })

    const process = await world.start([worker], undefined, { concurrency: 1, graceMs: 10_000 })
    await done.promise
    await process.stop()

    const rows = await world.db
      .selectFrom('processing_jobs')
      .selectAll()
      .where('id', 'in', ids)
      .orderBy('id')
      .execute()
    expect(rows.filter((row) => row.status === 'completed').length).toBe(3)
    expect(rows.filter((row) => row.waiting_for === 'rate:openai/gpt-x')).toHaveLength(3)
  })

  it('puts a refused job off for as long as the provider says, and lets nobody else ask before', async () => {
    await using world = await newWorld()
    const [refused = '', next = ''] = await queueCalls(world, 2)
    const limit: RateLimit = { ...rate, permits: 100, perMs: 1_000, burst: 100 }
    const headers = new Headers({ 'retry-after': '3600' })
    let calls = 0

    await world.drain([
      calling([limit], async ({ limits }) => {
        calls += 1
        await limits.learn(limit, { status: 429, headers })
      }),
    ])

    expect(calls).toBe(1)
    expect(await world.job(refused)).toMatchObject({
      ...{ status: 'queued', attempts: 0, snoozes: 1, error_code: 'rate-limited', waiting_for: null },
    })
    expect(await world.job(next)).toMatchObject({ attempts: 0, snoozes: 0, waiting_for: 'rate:openai/gpt-x' })
    const { rows } = await sql<{ ms: number }>`
      select extract(epoch from run_at - updated_at)::float8 * 1000 as ms from processing_jobs
      where id in (${refused}, ${next})`.execute(world.db)
    // An hour after the provider said so, less what went by until it was written down.
    for (const { ms } of rows) expect(ms).toBeGreaterThan(3_000_000)
    const due = `${world.bus.prefix}:rate:{${limit.key}}:due`
    expect(await world.bus.redis.zrange(due, '0', '-1')).toEqual([refused, next])
    expect(await world.bus.limits.bucketState(limit.key)).toMatchObject({ tokens: 0, waiting: 2 })
  })

  it('learns from a success that little is left, and goes on', async () => {
    await using world = await newWorld()
    const [id = ''] = await queueCalls(world, 1)
    const limit: RateLimit = { ...rate, burst: 50 }
    const headers = new Headers({
      'x-ratelimit-remaining-requests': '3',
      'x-ratelimit-reset-requests': '6m0s',
    })

    await world.drain([calling([limit], async ({ limits }) => limits.learn(limit, { status: 200, headers }))])

    expect(await world.job(id)).toMatchObject({ status: 'completed' })
    expect(await world.bus.limits.bucketState(limit.key)).toMatchObject({ tokens: 3 })
  })

  it('puts a job off in the middle of its run, at no cost', async () => {
    await using world = await newWorld()
    const [id = ''] = await queueCalls(world, 1)
    const worker = calling([], async ({ limits }) => {
      await limits.take(rate)
      await limits.take(rate)
    })

    await world.drain([worker])

    expect(await world.job(id)).toMatchObject({
      ...{ status: 'queued', attempts: 0, snoozes: 0, waiting_for: 'rate:openai/gpt-x' },
    })
    expect(await limitsWaitedFor(world.db)).toEqual(['rate:openai/gpt-x'])
  })

  it('puts a job off for what lies outside of it, says why, and counts nothing', async () => {
    await using world = await newWorld()
    const [id = ''] = await queueCalls(world, 1)
    const sentence = 'Over budget: all of it is spent.'
    const worker = calling([], async () => {
      throw new PutOffError('over-budget', sentence, { waitingFor: 'budget:all', retryAfterMs: 3_600_000 })
    })

    await world.drain([worker])
    const { reasons } = await whyNotRunning(world.db, world.bus, id)
    await callPutOff(world.db, 'budget:all')

    expect(await world.job(id)).toMatchObject({
      ...{ status: 'queued', waiting_for: 'budget:all', attempts: 0, snoozes: 0 },
      ...{ error_code: 'over-budget', error_message: sentence },
    })
    expect(reasons[0]).toMatchObject({ code: 'put-off', data: { errorCode: 'over-budget' } })
    expect(reasons[0]?.message).toContain(sentence)
    expect(await putOffNames(world.db, 'budget:')).toEqual(['budget:all'])
    expect(await dueOf(world, [id])).toEqual([id])
  })

  it('makes a job a dead letter whose limit makes no sense', async () => {
    await using world = await newWorld()
    const [id = ''] = await queueCalls(world, 1)

    await world.drain([calling([{ ...rate, permits: 0 }])])

    expect(await world.job(id)).toMatchObject({ status: 'failed', error_code: 'limit-invalid' })
  })

  it('takes all limits or none: a slot goes to the next where the token is not there', async () => {
    await using world = await newWorld()
    const [first = '', second = ''] = await queueCalls(world, 2)
    const shell = world.shell()

    await handleDue(world, shell, calling([rate, slots(1)]))

    expect(await world.job(first)).toMatchObject({ status: 'completed' })
    expect(await world.job(second)).toMatchObject({ status: 'queued', waiting_for: 'rate:openai/gpt-x' })
    expect(await world.bus.limits.holdersOf('revai')).toEqual({ most: 1, waiting: 0, holders: [] })
  })

  it('gives a token back unused where another bucket is empty', async () => {
    await using world = await newWorld()
    const [id = ''] = await queueCalls(world, 1)
    const other: RateLimit = { ...rate, key: 'a', burst: 2 }
    await world.bus.limits.learn(rate, { left: 0 })

    await world.drain([calling([rate, other])])

    expect(await world.job(id)).toMatchObject({ status: 'queued', waiting_for: 'rate:openai/gpt-x' })
    expect(await world.bus.limits.bucketState('a')).toMatchObject({ tokens: 2, waiting: 1 })
  })

  it('calls the next job when a slot is released, in the order of waiting, and clears what it waited for', async () => {
    await using world = await newWorld()
    const shell = world.shell()
    const first = await holdSlot(world, shell)
    const waiting = await queueCalls(world, 3)
    const order: number[] = []
    const worker = calling([slots(1)], async (_context, index) => {
      order.push(index)
    })
    await handleDue(world, shell, worker)
    expect(await dueOf(world, waiting)).toEqual([])
    expect(await world.job(waiting[0] ?? '')).toMatchObject({
      ...{ status: 'queued', waiting_for: 'concurrency:revai', attempts: 0, snoozes: 0 },
    })
    expect(await world.bus.limits.holdersOf('revai')).toMatchObject({
      ...{ most: 1, waiting: 3, holders: [{ jobId: first.id, fence: 0 }] },
    })

    await first.end()

    for (const id of waiting) {
      expect(await dueOf(world, waiting)).toEqual([id])
      await handleDue(world, shell, worker)
    }
    expect(order).toEqual([0, 1, 2])
    expect(await world.job(waiting[0] ?? '')).toMatchObject({ status: 'completed', waiting_for: null })
    expect(await world.bus.limits.holdersOf('revai')).toEqual({ most: 1, waiting: 0, holders: [] })
  })

  it('releases the slot of a run that fails', async () => {
    await using world = await newWorld()
    const shell = world.shell()
    const [id = ''] = await queueCalls(world, 1)

    await handleDue(
      world,
      shell,
      calling([slots(1)], () => Promise.reject(new Error('no'))),
    )

    expect(await world.job(id)).toMatchObject({ status: 'queued', attempts: 1, waiting_for: null })
    expect((await world.bus.limits.holdersOf('revai')).holders).toEqual([])
  })

  it('calls the one behind where the next in the line was cancelled', async () => {
    await using world = await newWorld()
    const shell = world.shell()
    const first = await holdSlot(world, shell)
    const [cancelled = '', next = ''] = await queueCalls(world, 2)
    await handleDue(world, shell, calling([slots(1)]))

    await cancelJob(world, cancelled, 'test')
    await first.end()

    expect(await dueOf(world, [cancelled, next])).toEqual([next])
    expect(await world.bus.limits.holdersOf('revai')).toMatchObject({ waiting: 1 })
  })

  it('ends a run whose slot can not be released, and calls the next when its lease has run out', async () => {
    await using world = await newWorld()
    const shell = world.shell()
    const first = await holdSlot(world, shell)
    const [waiting = ''] = await queueCalls(world, 1)
    await handleDue(world, shell, calling([slots(1)]))
    const { limits } = world.bus
    world.bus.limits = { ...limits, releaseSlot: () => Promise.reject(new Error('connection lost')) }

    await first.end()
    expect(await world.job(first.id)).toMatchObject({ status: 'completed' })
    expect(await dueOf(world, [waiting])).toEqual([])
    await age(world, slotKey(world, 'holders'), 31_000)
    await shell.limits.review()

    expect(await dueOf(world, [waiting])).toEqual([waiting])
  })

  it('calls again who was called by a process that died before Postgres knew', async () => {
    await using world = await newWorld()
    const shell = world.shell()
    const first = await holdSlot(world, shell)
    const [waiting = ''] = await queueCalls(world, 1)
    await handleDue(world, shell, calling([slots(1)]))
    expect(await world.bus.limits.releaseSlot('revai', { jobId: first.id, fence: 0 })).toEqual([waiting])

    await age(world, slotKey(world, 'due'), 6_000)
    await shell.limits.review()

    expect(await dueOf(world, [waiting])).toEqual([waiting])
    await first.end()
  })

  it('gives the next run of a job the slot that its dead process holds', async () => {
    await using world = await newWorld()
    const [dead, next] = [world.shell('dead'), world.shell('next')]
    const first = await holdSlot(world, dead)
    const { entryId, stream, ticket } = first.delivery
    await world.bus.redis.xclaim(stream, 'workers', dead.workerId, 0, entryId, 'IDLE', 60_000, 'JUSTID')
    const [again] = await world.bus.takeOver(stream, next.workerId, 1, 12_000)

    await handleDelivery(next, calling([slots(1)]), undefined, again ?? { stream, entryId, ticket })
    await next.limits.settled()

    expect(await world.job(first.id)).toMatchObject({ status: 'completed', crashes: 1, fence: 1 })
    await first.end()
    expect((await world.bus.limits.holdersOf('revai')).holders).toEqual([])
  })

  it('keeps the slot of a run that goes on when Redis is emptied, and calls those who waited', async () => {
    await using world = await newWorld()
    const shell = world.shell()
    const first = await holdSlot(world, shell)
    const waiting = await queueCalls(world, 2)
    const worker = calling([slots(1)])
    await handleDue(world, shell, worker)

    await world.emptyRedis()
    await shell.limits.renew()
    await shell.limits.review()
    expect(await dueOf(world, waiting)).toEqual(waiting)
    await handleDue(world, shell, worker)

    expect(await world.bus.limits.holdersOf('revai')).toMatchObject({
      ...{ most: 1, waiting: 2, holders: [{ jobId: first.id }] },
    })
    await first.end()
    expect(await dueOf(world, waiting)).toEqual(waiting.slice(0, 1))
  })

  it('runs without limits while Redis can not be asked, and says so once', async () => {
    await using world = await newWorld()
    const ids = await queueCalls(world, 3)
    const warnings: string[] = []
    const away = () => Promise.reject(new Error('connection refused'))
    world.bus.limits = { ...world.bus.limits, take: away, learn: away, rejoin: away }
    const log = Object.assign(Object.create(world.log), {
      warn: (_: unknown, text: string) => warnings.push(text),
    })
    const { db, bus, redisUrl } = world
    const shell = createShell('test', { db, bus, redisUrl, log, dispatchSoon: () => {} })

    await handleDue(
      world,
      shell,
      calling([rate, slots(1)], ({ limits }) => limits.take(rate)),
    )

    for (const id of ids) expect(await world.job(id)).toMatchObject({ status: 'completed' })
    expect(warnings).toEqual(['limits can not be asked, jobs run without them'])
  })

  it('brings jobs forward when those before them were cancelled', async () => {
    await using world = await newWorld()
    const shell = world.shell()
    const [, first = '', second = ''] = await queueCalls(world, 3)
    await handleDue(world, shell, calling([rate]))
    const runAt = async () => (await world.job(second)).run_at.getTime()
    const before = await runAt()

    await cancelJob(world, first, 'test')
    await age(world, `${world.bus.prefix}:rate:{${rate.key}}:due`, 3_660_000, first)
    await shell.limits.review()

    // An hour earlier, and not now: the bucket is as empty as before.
    expect(before - (await runAt())).toBeGreaterThan(3_500_000)
    expect(await dueOf(world, [second])).toEqual([])
  })

  it('makes no job old by waiting for a limit, and keeps when it first ran', async () => {
    await using world = await newWorld()
    const shell = world.shell()
    const [id = ''] = await queueCalls(world, 1)
    await world.db
      .updateTable('processing_jobs')
      .set({ started_at: new Date(0), attempts: 1 })
      .where('id', '=', id)
      .execute()
    await world.bus.limits.learn(rate, { left: 0 })

    await handleDue(world, shell, calling([rate]))

    expect(await world.job(id)).toMatchObject({ waiting_for: 'rate:openai/gpt-x', started_at: new Date(0) })
  })

  it('writes nothing about a job that was given to another while its limits were asked', async () => {
    await using world = await newWorld()
    const shell = world.shell()
    const [id = ''] = await queueCalls(world, 1)
    await world.bus.limits.learn(rate, { left: 0 })
    const { limits } = world.bus
    world.bus.limits = {
      ...limits,
      async take(...args) {
        const { entry_id } = await world.job(id)
        await takeOverJob(world.db, id, { workerId: 'other', entryId: entry_id ?? '' })
        return await limits.take(...args)
      },
    }

    await handleDue(world, shell, calling([rate]))

    expect(await world.job(id)).toMatchObject({ status: 'running', worker_id: 'other', waiting_for: null })
    expect(shell.zombies).toEqual([id])
  })
})
