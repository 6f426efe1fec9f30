import { randomUUID } from 'node:crypto'
import { defineJob } from '@app/contracts'
import { testWorld, type World } from '@app/testkit'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createDispatcher, type Dispatcher } from './dispatcher.ts'
import { type JobStore, jobStore } from './job-store.ts'
import { startRedrive, stopRedrive } from './operate/redrives.ts'

const nothing = z.object({})
const Noop = defineJob('noop', { queue: 'tag', input: nothing, result: nothing, output: nothing })

let world: World
let dispatcher: Dispatcher
let asked: string[]
let afterMarking: () => Promise<unknown>

beforeEach(async () => {
  world = await testWorld({ jobs: [Noop] })
  asked = []
  afterMarking = async () => {}
  const { db, bus, redisUrl, log } = world
  const onRedriving = () => void asked.push('a redrive runs')
  dispatcher = createDispatcher({ db, jobs: noting(jobStore(db)), bus, redisUrl, log, onRedriving })
  await dispatcher.start?.({ signal: new AbortController().signal, fail: () => {} })
  await vi.waitFor(() => expect(asked).toContain('dispatchOutlook'))
  asked = []
})

afterEach(async () => {
  await dispatcher.stop?.()
  await world[Symbol.asyncDispose]()
})

/** The real one; what it was asked stands in `asked`, as soon as it has answered. */
const noting = (jobs: JobStore): JobStore => ({
  ...jobs,
  dispatchOutlook: () => jobs.dispatchOutlook().finally(() => asked.push('dispatchOutlook')),
  async markDue(...args) {
    const marked = await jobs.markDue(...args)
    asked.push('markDue')
    await afterMarking()
    return marked
  },
})

async function insertOne(): Promise<string> {
  const ownerId = randomUUID()
  const one = { key: 'one', type: 'noop', lane: 'normal' as const, ownerId, input: {}, dependsOn: [] }
  const { ids } = await world.insert([{ ...one, subjectKind: 'none', subjectId: ownerId }])
  return ids.get('one') ?? ''
}

const wasSent = async (id: string) => (await world.job(id)).dispatch_after !== null

it('sends what it is told of first, and looks for more then', async () => {
  const id = await insertOne()

  dispatcher.dispatchSoon()

  await vi.waitFor(() => expect(asked).toEqual(['markDue', 'dispatchOutlook']))
  expect(await wasSent(id)).toBe(true)
})

it('soon looks again after what falls due between its sending and its look', async () => {
  let id = ''
  afterMarking = async () => {
    afterMarking = async () => {}
    id = await insertOne()
  }

  dispatcher.dispatchSoon()

  await vi.waitFor(() => expect(asked).toEqual(['markDue', 'dispatchOutlook', 'dispatchOutlook', 'markDue']))
  expect(await wasSent(id)).toBe(true)
})

it('looks first where there may be nothing to send', async () => {
  dispatcher.lookSoon()
  await vi.waitFor(() => expect(asked).toEqual(['dispatchOutlook']))

  const id = await insertOne()
  dispatcher.lookSoon()

  await vi.waitFor(() => expect(asked).toEqual(['dispatchOutlook', 'dispatchOutlook', 'markDue']))
  expect(await wasSent(id)).toBe(true)
})

it('is told once: its next look asks first whether there is anything', async () => {
  dispatcher.dispatchSoon()
  await vi.waitFor(() => expect(asked).toEqual(['markDue', 'dispatchOutlook']))

  dispatcher.lookSoon()

  await vi.waitFor(() => expect(asked).toEqual(['markDue', 'dispatchOutlook', 'dispatchOutlook']))
})

it('says with each look that a redrive runs, whoever started it, and no more once that has ended', async () => {
  const { id } = await startRedrive(world.db, { perSecond: 1, mostFailures: 1, who: 'ada' })
  for (let look = 1; look <= 2; look += 1) {
    dispatcher.lookSoon()
    await vi.waitFor(() => expect(asked).toHaveLength(2 * look))
  }
  await stopRedrive(world.db, id, 'ada')
  dispatcher.lookSoon()

  await vi.waitFor(() => expect(asked).toHaveLength(5))
  const told = ['dispatchOutlook', 'a redrive runs']
  expect(asked).toEqual([...told, ...told, 'dispatchOutlook'])
})
