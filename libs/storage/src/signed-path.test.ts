import { expect, it } from 'vitest'
import { signPath, verifySignedPath } from './signed-path.ts'

const secret = 'for tests'
const grant = { key: 'media/a/b.mp3', expiresAt: 1000, downloadName: 'Война & мир?.mp3' }

function queryOf(path: string): Record<string, string> {
  return Object.fromEntries(new URL(path, 'http://x').searchParams)
}

it('grants what was signed, until it expires', () => {
  const path = signPath(grant, secret)

  expect(path.split('?')[0]).toBe('media/a/b.mp3')
  expect(verifySignedPath(grant.key, queryOf(path), secret, 999)).toEqual(grant)
  expect(verifySignedPath(grant.key, queryOf(path), secret, 1000)).toBeUndefined()
})

it.each([
  ['another key', 'media/a/c.mp3', {}],
  ['a later expiry', grant.key, { expires: '99999' }],
  ['another name', grant.key, { name: 'virus.exe' }],
  ['no name', grant.key, { name: undefined }],
  ['another signature', grant.key, { signature: 'A'.repeat(43) }],
  ['half a signature', grant.key, { signature: 'abc' }],
  ['no signature', grant.key, { signature: undefined }],
])('refuses %s', (_, key, changes) => {
  const query = { ...queryOf(signPath(grant, secret)), ...changes }

  expect(verifySignedPath(key, query, secret, 1)).toBeUndefined()
})

it('refuses what another secret signed', () => {
  expect(verifySignedPath(grant.key, queryOf(signPath(grant, 'another')), secret, 1)).toBeUndefined()
})

it('signs no two grants alike by moving a character from one part into the next', () => {
  const one = queryOf(signPath({ key: 'a1', expiresAt: 2 }, secret))
  const two = queryOf(signPath({ key: 'a', expiresAt: 12 }, secret))

  expect(one.signature).not.toBe(two.signature)
})
