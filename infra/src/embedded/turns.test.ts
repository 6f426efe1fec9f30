import { expect, it } from 'vitest'
import { Turns } from './turns.ts'

const request = (client: string, text = '', isOpen = false) => ({ client, bytes: Buffer.from(text), isOpen })

it('serves in the order of arrival', () => {
  const turns = new Turns<string>()
  turns.add(request('ann'))
  turns.add(request('bob'))

  expect([turns.next()?.client, turns.next()?.client, turns.next()]).toEqual(['ann', 'bob', undefined])
})

it('lets nobody in between the requests of a transaction', () => {
  const turns = new Turns<string>()
  const begin = request('ann', 'begin')
  const commit = request('ann', 'commit')
  turns.done(begin, true)
  turns.add(request('bob'))

  expect(turns.next()).toBeUndefined()
  expect(turns.holder).toBe('ann')

  turns.add(commit)
  expect(turns.next()).toBe(commit)
  turns.done(commit, false)
  expect(turns.next()?.client).toBe('bob')
})

it('lets nobody in before the Sync of a request that was flushed half-way', () => {
  const turns = new Turns<string>()
  turns.done(request('ann', '', true), false)
  turns.add(request('bob'))

  expect(turns.next()).toBeUndefined()
})

it('goes on without a client that is gone, and says whether it left a transaction behind', () => {
  const turns = new Turns<string>()
  turns.done(request('ann', 'begin'), true)
  turns.add(request('bob'))
  turns.add(request('ann'))

  expect(turns.drop('ann')).toBe(true)
  expect(turns.drop('cleo')).toBe(false)
  expect([turns.next()?.client, turns.next()]).toEqual(['bob', undefined])
})
