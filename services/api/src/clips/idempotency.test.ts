import { expect, it } from 'vitest'
import { hashOfRequest, idempotencyHeader } from './idempotency.ts'

it('takes a request for the same whatever the order of its fields, and no other', () => {
  const request = { url: 'https://x.com/a/status/1', metadata: { a: 1, b: { c: [1, 2], d: null } } }
  const same = { metadata: { b: { d: null, c: [1, 2] }, a: 1 }, language: undefined, url: request.url }

  expect(hashOfRequest(same)).toBe(hashOfRequest(request))
  expect(hashOfRequest({ ...request, force: true })).not.toBe(hashOfRequest(request))
  expect(hashOfRequest({ ...request, metadata: { a: 1, b: { c: [2, 1], d: null } } })).not.toBe(
    hashOfRequest(request),
  )
})

it.each([
  ['"8e03978e-40d5"', '8e03978e-40d5'],
  ['8e03978e-40d5', '8e03978e-40d5'],
])('reads the key %s', (text, key) => {
  expect(idempotencyHeader.parse({ 'idempotency-key': text })).toEqual({ 'idempotency-key': key })
})

it.each(['', 'two words', '"open', `${'a'.repeat(256)}`])('refuses the key %j', (text) => {
  expect(idempotencyHeader.safeParse({ 'idempotency-key': text }).success).toBe(false)
})
