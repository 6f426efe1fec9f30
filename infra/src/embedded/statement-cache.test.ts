import { expect, it } from 'vitest'
import { createStatementCache } from './statement-cache.ts'
import {
  bindMessage,
  closeStatement,
  messagesOf,
  parseMessage,
  readBind,
  readParse,
  simpleQuery,
  sync,
} from './wire.ts'

const message = (type: string) => Buffer.concat([Buffer.from(type), Buffer.from([0, 0, 0, 4])])
const bindTo = (statement: string, value = '') =>
  bindMessage(statement, { portal: '', rest: Buffer.from(value) })

/** As drivers send a statement with parameters. */
const asked = (text: string, { name = '', value = '' } = {}) =>
  Buffer.concat([
    parseMessage(name, Buffer.from(`${text}\0\0\0`)),
    ...[bindTo(name, value), message('D'), message('E'), sync()],
  ])

/** What PGlite is sent in its place, in words. */
function seen(bytes: Uint8Array): string {
  const words = messagesOf(Buffer.from(bytes)).map((it) => {
    if (it.type === 'P') return `parse ${readParse(it.bytes).name}`
    if (it.type === 'B') return `bind ${readBind(it.bytes).statement}`
    return it.type
  })
  return words.join(', ')
}

/** Sends a request, and says what PGlite saw of it. */
function send(cache: ReturnType<typeof createStatementCache>, request: Buffer, answer = '1'): string {
  const { bytes, onAnswer } = cache.rewrite(request)
  onAnswer(message(answer))
  return seen(bytes)
}

it('names a statement the first time, and then leaves its parsing out', () => {
  const cache = createStatementCache()

  expect(send(cache, asked('select $1'))).toBe('parse shared_1, bind shared_1, D, E, S')
  expect(send(cache, asked('select $1'))).toBe('bind shared_1, D, E, S')
})

it('tells the client that was not parsed for that it was, and keeps its values', () => {
  const cache = createStatementCache()
  send(cache, asked('select $1', { value: 'one' }))

  const { bytes, onAnswer } = cache.rewrite(asked('select $1', { value: 'two' }))

  expect(onAnswer(message('2'))).toEqual(Buffer.concat([message('1'), message('2')]))
  expect(Buffer.from(bytes).toString()).toContain('\0shared_1\0two')
})

it('passes on as it is what is named, several statements, none on rows, an opening or only part of a request', () => {
  const cache = createStatementCache()
  const requests = [
    asked('select $1', { name: 'mine' }),
    simpleQuery('select 1; select 2'),
    simpleQuery('begin'),
    Buffer.concat([Buffer.from([0, 0, 0, 8]), Buffer.from([0, 3, 0, 0])]),
    Buffer.concat([parseMessage('', Buffer.from('select 1\0\0\0')), message('D'), message('H')]),
  ]

  for (const request of requests) expect(Buffer.from(cache.rewrite(request).bytes)).toEqual(request)
})

it('has a simple query prepared as well, and answered as one', () => {
  const cache = createStatementCache()
  const step = (types: string) => Buffer.concat([...types].map(message))

  const first = cache.rewrite(simpleQuery('select 1'))
  const answers = [first.onAnswer(step('12T'))]
  const second = cache.rewrite(simpleQuery('select 1'))
  answers.push(second.onAnswer(step('2nC')), cache.rewrite(simpleQuery('select 2')).onAnswer(step('E')))

  expect(seen(first.bytes)).toBe('parse shared_1, bind shared_1, D, E, S')
  expect(seen(second.bytes)).toBe('bind shared_1, D, E, S')
  expect(answers).toEqual([step('T'), step('C'), step('E')])
})

it('keeps nothing of a statement that was refused, and gives it another name the next time', () => {
  const cache = createStatementCache()
  send(cache, asked('select nonsense'), 'E')

  expect(cache.tidy(false)).toEqual(Buffer.concat([closeStatement('shared_1'), sync()]))
  expect(send(cache, asked('select nonsense'))).toContain('parse shared_2')
})

it('parses a statement anew after so many requests, for tables may have grown', () => {
  const cache = createStatementCache({ goodFor: 2 })
  send(cache, asked('select $1'))
  send(cache, simpleQuery('begin'))

  expect(send(cache, asked('select $1'))).toContain('parse shared_2')
  expect(cache.tidy(false)).toEqual(Buffer.concat([closeStatement('shared_1'), sync()]))
})

it('keeps the statements that were used last', () => {
  const cache = createStatementCache({ most: 2 })
  for (const text of ['a', 'b', 'a', 'c']) send(cache, asked(text))

  expect(send(cache, asked('a'))).toBe('bind shared_1, D, E, S')
  expect(send(cache, asked('b'))).toContain('parse')
})

it('forgets all it knows when tables change, and learns nothing until that can not be undone any more', () => {
  const cache = createStatementCache()
  send(cache, asked('select $1'))

  send(cache, simpleQuery('ALTER TABLE t ADD COLUMN c int'))
  const closing = cache.tidy(true)
  const inTransaction = send(cache, asked('select $1'))
  cache.tidy(false)

  expect(closing).toEqual(Buffer.concat([closeStatement('shared_1'), sync()]))
  expect(inTransaction).toBe('parse , bind , D, E, S')
  expect(send(cache, asked('select $1'))).toBe('parse shared_2, bind shared_2, D, E, S')
})
