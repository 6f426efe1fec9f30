import { expect, it } from 'vitest'
import { CreateClip } from './clips.ts'

const url = 'https://www.instagram.com/reel/ABC123xyz/'
const problemOf = (metadata: unknown) =>
  CreateClip.safeParse({ url, metadata }).error?.issues.map(({ message }) => message)
/** Of one object and so many lists in it. */
const nested = (depth: number): unknown => JSON.parse(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)

it('takes metadata of 4,096 bytes, and not of one more', () => {
  expect(problemOf({ a: 'x'.repeat(4_096 - '{"a":""}'.length) })).toBeUndefined()
  expect(problemOf({ a: 'x'.repeat(4_097 - '{"a":""}'.length) })).toEqual(['at most 4096 bytes of JSON'])
})

it('refuses metadata that is nested deep, however deep', () => {
  expect(problemOf(nested(31))).toBeUndefined()
  expect(problemOf(nested(33))).toEqual(['nested more than 32 deep'])
  expect(problemOf(nested(200_000))).toEqual(['nested more than 32 deep'])
})
