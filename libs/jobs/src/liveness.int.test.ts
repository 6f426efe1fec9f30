import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { streamKey } from '@app/bus'
import { TagJob } from '@app/contracts'
import { realPostgres, testWorld, type World } from '@app/testkit'
import { expect, it, vi } from 'vitest'
import type { BlockingWorker } from '../fixtures/blocking-worker.ts'
import { defineWorker, handleDelivery } from './index.ts'

const LEASE_MS = 5_000

const tagging = defineWorker(TagJob, {
  run: async () => ({ provider: 'test', model: 'test-1', tags: [] }),
  save: async () => ({ aiOutputId: crypto.randomUUID(), provider: 'test', model: 'test-1' }),
})

/** A process that blocks in the middle of the book's `tag` job. */
async function blockedWorker(world: World, timeoutMs: number) {
  const folder = mkdtempSync(path.join(tmpdir(), 'blocked-'))
  const untilFile = path.join(folder, 'go-on')
  const options: BlockingWorker = {
    ...{ databaseUrl: world.databaseUrl, redisUrl: world.redisUrl, prefix: world.bus.prefix },
    ...{ leaseMs: LEASE_MS, timeoutMs, untilFile },
  }
  const child: ChildProcess = fork(path.join(import.meta.dirname, '../fixtures/blocking-worker.ts'), [
    JSON.stringify(options),
  ])
  const exited = once(child, 'exit')
  expect(await once(child, 'message')).toEqual(['begun', undefined])
  return {
    goOn: () => writeFileSync(untilFile, ''),
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function bookWithTagsOnly(world: World): Promise<string> {
  const book = await world.seedAudiobook()
  await world.db.deleteFrom('processing_jobs').where('type', '!=', 'tag').execute()
  await world.db
    .updateTable('processing_jobs')
    .set({ status: 'queued', waiting_on: 0, run_at: new Date(0) })
    .execute()
  return book.job('tag')
}

/** What any other worker of the queue does every two seconds. */
const tryToTakeOver = (world: World, consumer: string) =>
  world.bus.takeOver(streamKey(world.bus.prefix, 'tag', 'high'), consumer, 1, LEASE_MS)

it.skipIf(!realPostgres())(
  'row 7: a handler that blocks the event loop for longer than a lease completes its job itself',
  async () => {
    await using world = await testWorld()
    const id = await bookWithTagsOnly(world)
    await using worker = await blockedWorker(world, 60_000)
    // Its slot looks as if nobody had said for half a minute that it is held: the next to ask would have it.
    const { holders, member } = world.bus.limits.slotOf('gpu', { jobId: id, fence: 0 })
    await world.bus.redis.zadd(holders, 'XX', 1, member)
    const redisMs = async () => Number((await world.bus.redis.time())[0]) * 1_000

    const begunMs = await redisMs()
    while ((await redisMs()) < begunMs + 2.5 * LEASE_MS) {
      expect(await tryToTakeOver(world, 'other')).toEqual([])
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect((await world.bus.limits.holdersOf('gpu')).holders).toMatchObject([{ jobId: id }])
    worker.goOn()

    await vi.waitFor(async () => expect((await world.job(id)).status).toBe('completed'), { timeout: 20_000 })
    expect(await world.job(id)).toMatchObject({ fence: 0, crashes: 0, attempts: 0, deliveries: 1 })
    await worker.stop()
  },
)

it.skipIf(!realPostgres())(
  'row 7: a handler that blocks the event loop beyond its deadline is taken over, and can write nothing',
  async () => {
    await using world = await testWorld()
    const id = await bookWithTagsOnly(world)
    await using worker = await blockedWorker(world, 1_000)
    const other = world.shell('other')

    const taken = await vi.waitUntil(async () => (await tryToTakeOver(world, other.workerId))[0], {
      timeout: 60_000,
      interval: 200,
    })
    await handleDelivery(other, tagging, undefined, taken)
    worker.goOn()
    await worker.stop()

    expect(await world.job(id)).toMatchObject({
      status: 'completed',
      worker_id: other.workerId,
      ...{ fence: 1, crashes: 1, attempts: 0 },
    })
  },
)
