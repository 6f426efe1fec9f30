import { describe, expect, it } from 'vitest'
import { errorClass, errorCode, errorMessage, fingerprint } from './error-report.ts'
import { FatalError } from './errors.ts'

class ProviderError extends Error {}

describe('class, code and message', () => {
  it('names the class of an SDK error that forgot to set its name', () => {
    expect(errorClass(new ProviderError('x'))).toBe('ProviderError')
    expect(errorClass(new FatalError('a', 'b'))).toBe('FatalError')
    expect(errorClass('a string')).toBe('Error')
  })

  it('finds the code on the nearest cause that has one', () => {
    const cause = Object.assign(new Error('inner'), { code: '57P01' })

    expect(errorCode(new Error('outer', { cause }))).toBe('57P01')
    expect(errorCode(new Error('plain'))).toBeUndefined()
  })

  it('says what the causes say, each once', () => {
    const error = new Error('could not save: disk full', {
      cause: new Error('disk full', { cause: 'quota' }),
    })

    expect(errorMessage(error)).toBe('could not save: disk full: quota')
  })

  it('falls back on the code where Node leaves the message empty', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1:5432'), { code: 'ECONNREFUSED' })

    expect(errorMessage(new AggregateError([refused]))).toBe('connect ECONNREFUSED ::1:5432')
    expect(errorMessage(Object.assign(new Error(''), { code: 'EPIPE' }))).toBe('EPIPE')
  })

  it('cuts a message that is too long to keep', () => {
    expect(errorMessage(new Error('x'.repeat(1_000_000)))).toHaveLength(2000)
  })
})

describe('fingerprint', () => {
  const failing = (message: string) => fingerprint(new Error(message))

  it.each([
    ['numbers', 'chunk 12 of 40 took 3.5 s', 'chunk 7 of 9 took 12.25 s'],
    ['ids', 'no row 0f8fad5b-d9cb-469f-a165-70867728950e', 'no row 7c9e6679-7425-40de-944b-e07fc1f90ae7'],
    ['absolute paths', 'cannot read /data/a/b.mp3: gone', 'cannot read /var/x.mp3: gone'],
    ['relative paths', 'cannot read media/a/b.mp3: gone', 'cannot read media/c.mp3: gone'],
    ['addresses', 'GET https://a.example/v1?x=1 failed', 'GET https://b.example/v2 failed'],
    ['hashes', 'object 9f86d081884c7d65 differs', 'object 60303ae22b998861 differs'],
  ])('is the same for messages that differ in %s only', (_what, one, other) => {
    expect(failing(one)).toBe(failing(other))
  })

  it('differs by class, code, message and place', () => {
    const elsewhere = () => fingerprint(new Error('broken'))
    const prints = [
      fingerprint(new Error('broken')),
      fingerprint(new TypeError('broken')),
      fingerprint(new FatalError('media-unreadable', 'broken')),
      fingerprint(new FatalError('media-empty', 'broken')),
      fingerprint(new Error('lost')),
      elsewhere(),
    ]

    expect(new Set(prints).size).toBe(prints.length)
  })

  it('does not change when lines above the throw are added', () => {
    const error = new Error('broken')
    error.stack = 'Error: broken\n    at readTags (file:///app/libs/media/src/tags.ts:10:5)'
    const moved = new Error('broken')
    moved.stack = 'Error: broken\n    at async readTags (file:///srv/libs/media/src/tags.ts:99:1)'

    expect(fingerprint(error)).toBe(fingerprint(moved))
  })

  it('looks past frames of Node and of libraries', () => {
    const error = new Error('broken')
    error.stack =
      'Error: broken\n    at f (node:fs:1:1)\n    at g (file:///a/node_modules/pg/x.js:1:1)\n    at own (file:///a/b.ts:1:1)'
    const direct = new Error('broken')
    direct.stack = 'Error: broken\n    at own (file:///a/b.ts:1:1)'

    expect(fingerprint(error)).toBe(fingerprint(direct))
  })

  it('is made of sixteen hex digits, whatever was thrown', () => {
    expect(fingerprint(undefined)).toMatch(/^[0-9a-f]{16}$/)
    expect(fingerprint({ error: 'plain object' })).toMatch(/^[0-9a-f]{16}$/)
  })
})
