import { randomUUID } from 'node:crypto'
import { inTransaction } from '@app/db'
import { testWorld, type World } from '@app/testkit'
import { expect, it } from 'vitest'
import { callbackSecret, callbackWebhook } from './callback-webhook.ts'

const URL = 'https://hooks.example.org/done'
const named = (world: World, ownerId: string, url = URL) =>
  inTransaction(world.db, (trx) => callbackWebhook(trx, ownerId, url))

it('has one webhook for each callback URL of an owner, however many name it at once', async () => {
  await using world = await testWorld()
  const ownerId = randomUUID()

  const ids = await Promise.all([named(world, ownerId), named(world, ownerId), named(world, ownerId)])

  expect(new Set([...ids, await named(world, ownerId)]).size).toBe(1)
  expect(await named(world, ownerId, `${URL}/2`)).not.toBe(ids[0])
  expect(await named(world, randomUUID())).not.toBe(ids[0])
  const rows = await world.db.selectFrom('webhooks').select(['origin', 'events']).execute()
  expect(rows).toEqual(Array(3).fill({ origin: 'callback', events: ['job.completed', 'job.failed'] }))
})

it('signs all callbacks of an owner with one secret, which is known before the first', async () => {
  await using world = await testWorld()
  const ownerId = randomUUID()

  const { secret } = await callbackSecret(world.db, ownerId)
  await named(world, ownerId)

  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(await callbackSecret(world.db, ownerId)).toEqual({ secret, previousSecretUntil: null })
  expect((await callbackSecret(world.db, randomUUID())).secret).not.toBe(secret)
})

it('takes up again a callback that was disabled and is named anew', async () => {
  await using world = await testWorld()
  const ownerId = randomUUID()
  const id = await named(world, ownerId)
  const since = { disabled_at: new Date(), disabled_reason: 'gone', failing_since: new Date() }
  await world.db.updateTable('webhooks').set(since).where('id', '=', id).execute()

  expect(await named(world, ownerId)).toBe(id)

  expect(await world.db.selectFrom('webhooks').selectAll().executeTakeFirst()).toMatchObject({
    ...{ disabled_at: null, disabled_reason: null, failing_since: null },
  })
})
