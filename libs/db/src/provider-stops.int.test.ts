import { insertManyJobs, testWorld } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { liftStop, providerStops, putOffNames, stopName, stopProvider, takeProbe } from './provider-stops.ts'

const key = { provider: 'openai', fingerprint: 'f', model: '' }
const stop = { code: 'x', sentence: 'No.', isOutage: true, isFailedProbe: false }

it('lets one of many probe at a time', async () => {
  await using world = await testWorld()
  await stopProvider(world.db, key, { ...stop, probeInMs: 0 })

  const answers = await Promise.all([1, 2, 3, 4].map(() => takeProbe(world.db, key, 60_000)))

  expect(answers.filter((isMine) => isMine)).toHaveLength(1)
  expect(await providerStops(world.db)).toMatchObject([{ ...key, probes: 0 }])
})

it('counts the probes that fail, and brings none forward', async () => {
  await using world = await testWorld()

  const isNew = await stopProvider(world.db, key, { ...stop, probeInMs: 3_600_000 })
  const isNewAgain = await stopProvider(world.db, key, { ...stop, probeInMs: 0, isFailedProbe: true })

  expect([isNew, isNewAgain]).toEqual([true, false])
  const [kept] = await providerStops(world.db)
  expect(kept).toMatchObject({ probes: 1 })
  expect(kept?.probeInMs).toBeGreaterThan(3_000_000)
})

it('calls the jobs that wait for what is lifted, once, and no others', async () => {
  await using world = await testWorld()
  const putOff = async (queue: string, waitingFor: string) => {
    await insertManyJobs(world.db, { count: 1, queue, status: 'queued' })
    await sql`update processing_jobs set waiting_for = ${waitingFor}, run_at = now() + interval '1 hour'
      where queue = ${queue}`.execute(world.db)
  }
  await putOff('embed', stopName(key))
  await putOff('tag', stopName({ ...key, model: 'gpt-x' }))
  await putOff('summarize', 'budget:all')
  await stopProvider(world.db, key, { ...stop, probeInMs: 0 })

  const lifted = [await liftStop(world.db, key), await liftStop(world.db, key)]

  expect(lifted).toEqual([true, false])
  const { rows } = await sql<{ queue: string }>`
    select queue from processing_jobs where run_at <= now()`.execute(world.db)
  expect(rows).toEqual([{ queue: 'embed' }])
  expect(await putOffNames(world.db, 'provider:')).toEqual(['provider:openai', 'provider:openai/gpt-x'])
})
