import { randomUUID } from 'node:crypto'
import { ClipPage, ClipsCreated } from '@app/contracts'
import { FatalError } from '@app/runtime'
import { testWorld } from '@app/testkit'
import { expect, it, vi } from 'vitest'
import { clipWorkers } from '../testing/clip-workers.ts'
import { startTestApi } from '../testing/test-api.ts'
import { userToken } from '../testing/tokens.ts'

it('accounts for each of five hundred URLs, of which a tenth is bad, at once or when it is fetched', async () => {
  await using world = await testWorld()
  const redis = { url: world.redisUrl, prefix: world.bus.prefix }
  await using api = await startTestApi({ databaseUrl: world.databaseUrl, redis })
  const authorization = `Bearer ${await userToken({ userId: randomUUID() })}`
  const ask = async (method: string, path: string, body?: unknown) =>
    (await api.ask(method, path, body, { authorization })).body
  const listed = async (status: string) =>
    ClipPage.parse(await ask('GET', `/jobs?status=${status}&page_size=100`))
  // Every twentieth can't be asked for, and of the other 475 every nineteenth can't be had.
  const urls = Array.from({ length: 500 }, (_, at) =>
    at % 20 === 0
      ? `http://10.0.0.${at % 250}/`
      : `https://www.instagram.com/reel/line${at}/?utm_source=batch`,
  )
  let fetched = 0
  const during = async () => {
    fetched += 1
    if (fetched % 19 === 0) throw new FatalError('private', 'This post is private.')
  }

  const { accepted, refused, results } = ClipsCreated.parse(await ask('POST', '/jobs/batch', { urls }))
  // As a service works: what many do at once shares round trips.
  await world.start(clipWorkers({ during }), undefined, { concurrency: 20 })
  // Asked over the API's connections: the workers are busy on theirs.
  const openClips = api.db.selectFrom('clips').select('id').where('status', 'not in', ['completed', 'failed'])
  await vi.waitUntil(async () => (await openClips.execute()).length === 0, {
    timeout: 150_000,
    interval: 250,
  })

  expect([accepted, refused, results.length, fetched]).toEqual([475, 25, 500, 475])
  expect(results.map(({ url }) => url)).toEqual(urls)
  const refusals = results.flatMap((line) => ('error' in line ? [[line.index % 20, line.error.code]] : []))
  expect(refusals).toEqual(refusals.map(() => [0, 'url_forbidden']))
  const { total: completed } = await listed('completed')
  const failed = await listed('failed')
  expect([completed, failed.total]).toEqual([450, 25])
  const reasons = failed.jobs.map(({ error_code, error_message }) => [error_code, error_message])
  expect(reasons).toEqual(reasons.map(() => ['private', 'This post is private.']))
})
