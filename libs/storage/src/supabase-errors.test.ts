import { TimeoutError } from '@app/runtime'
import { expect, it } from 'vitest'
import { isNotFound, StorageRefusal, toStorageError } from './supabase-errors.ts'

// The SDK's StorageApiError has these fields; answers are those of supabase/storage 4fa61fb.
const apiError = (status: number, statusCode: string, code?: string) =>
  Object.assign(new Error('as the server says'), { status, statusCode, ...(code ? { code } : {}) })

it.each([
  ['a missing object', apiError(400, '404', 'NoSuchKey'), 'FatalError', 'object-not-found'],
  ['an object that is too large', apiError(400, '413', 'EntityTooLarge'), 'FatalError', 'object-too-large'],
  ['an object too large for the proxy', apiError(413, '413'), 'FatalError', 'object-too-large'],
  [
    'a type that the bucket refuses',
    apiError(400, '415', 'InvalidMimeType'),
    'FatalError',
    'object-type-refused',
  ],
  ['a key that the server refuses', apiError(400, '400', 'InvalidKey'), 'FatalError', 'object-key-invalid'],
  ['too many requests', apiError(429, '429', 'SlowDown'), 'RetryLaterError', 'storage-busy'],
  ['a slow database', apiError(400, '544', 'DatabaseTimeout'), 'RetryLaterError', 'storage-busy'],
  ['a lock', apiError(423, '423', 'ResourceLocked'), 'RetryLaterError', 'storage-busy'],
  ['a gateway', apiError(502, '502'), 'RetryLaterError', 'storage-busy'],
  ['no connection', new TypeError('fetch failed'), 'RetryLaterError', 'storage-unreachable'],
  ['no answer', new TimeoutError('storage-timeout', 30_000), 'RetryLaterError', 'storage-timeout'],
])('translates %s', (_, thrown, name, code) => {
  expect(toStorageError('read a/b', thrown)).toMatchObject({ name, code, cause: thrown })
})

it.each([
  ['a missing bucket', apiError(400, '404', 'NoSuchBucket')],
  ['a key without permission', apiError(400, '403', 'AccessDenied')],
])('leaves %s unmarked: whoever mends the configuration redrives the job', (_, thrown) => {
  const error = toStorageError('read a/b', thrown)

  expect(error.name).toBe('Error')
  expect(error.cause).toBe(thrown)
})

it('waits as long as the server asks', () => {
  expect(toStorageError('read a/b', new StorageRefusal(429, {}, 12_000))).toMatchObject({
    retryAfterMs: 12_000,
  })
})

it.each([
  [apiError(400, '404', 'NoSuchKey'), true],
  [apiError(404, '404'), true],
  [apiError(400, '404', 'NoSuchBucket'), false],
  [apiError(400, '403', 'AccessDenied'), false],
  [new TypeError('fetch failed'), false],
  [null, false],
])('tells absence from trouble: %s', (error, expected) => {
  expect(isNotFound(error)).toBe(expected)
})
