import { expect, it } from 'vitest'
import { isConnectionError } from './index.ts'

const withCode = (code: string, message = 'it failed') => Object.assign(new Error(message), { code })

it.each([
  ['a refused connection', withCode('ECONNREFUSED')],
  ['a broken pipe, whose code has five letters', withCode('EPIPE')],
  ['a name that is gone, as of a stopped container', withCode('ENOTFOUND')],
  ['an address for each of IPv4 and IPv6', new AggregateError([withCode('ECONNREFUSED')], '')],
  ['a server that is shutting down', withCode('57P01')],
  ['too many connections', withCode('53300')],
  ['a standby that does not write', withCode('25006')],
  ['a connection that ended', new Error('Connection terminated unexpectedly')],
  ['a query without an answer', new Error('Query read timeout')],
])('takes %s for Postgres being away', (_, error) => {
  expect(isConnectionError(error)).toBe(true)
})

it.each([
  ['a unique violation', withCode('23505')],
  ['a missing column', withCode('42703', 'column "connection" does not exist')],
  ['an error of our own', new Error('the disk is full')],
  ['something that is no error', 'connection'],
])('does not take %s for it', (_, error) => {
  expect(isConnectionError(error)).toBe(false)
})
