import { expect, it } from 'vitest'
import { createSseParser } from './read-events.ts'

const STREAM =
  'retry: 3000\n\nevent: snapshot\nid: 7\ndata: {"a":1}\n\n: alive\n\nevent: changed\ndata: {"a":2}\n\n'

it('reads events with their names and ids, and passes over comments', () => {
  expect(createSseParser()(STREAM)).toEqual([
    { id: '7', name: 'snapshot', data: '{"a":1}' },
    { id: '7', name: 'changed', data: '{"a":2}' },
  ])
})

it.each([1, 2, 3, 7, 20])('reads the same events from pieces of %i characters', (size) => {
  const parse = createSseParser()
  const pieces = STREAM.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []

  expect(pieces.flatMap(parse)).toEqual(createSseParser()(STREAM))
})

it.each(['\r\n', '\r'])('takes %j for the end of a line too, even cut in two', (lineEnd) => {
  const parse = createSseParser()
  const characters = [...STREAM.replaceAll('\n', lineEnd), lineEnd]

  expect(characters.flatMap(parse)).toEqual(createSseParser()(STREAM))
})

it('joins the lines of data that came as several', () => {
  expect(createSseParser()('data: one\ndata: two\n\n')).toEqual([
    { id: undefined, name: 'message', data: 'one\ntwo' },
  ])
})
