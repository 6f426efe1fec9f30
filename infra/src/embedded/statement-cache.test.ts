import { expect, it } from 'vitest'
import { createStatementCache, type Rewritten } from './statement-cache.ts'
import {
  bindMessage,
  closeStatement,
  describePortal,
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

const parsed = (text: string, name = '') => parseMessage(name, Buffer.from(`${text}\0\0\0`))
const describeStatement = Buffer.from('D\0\0\0\x06S\0')

/** As drivers send a statement with parameters. */
const asked = (text: string, { name = '', value = '' } = {}) =>
  Buffer.concat([parsed(text, name), ...[bindTo(name, value), describePortal(''), message('E'), sync()]])

/** What PGlite is sent in its place, in words. */
function seen(bytes: Uint8Array): string {
  const words = messagesOf(Buffer.from(bytes)).map((it) => {
    if (it.type === 'P') return `parse ${readParse(it.bytes).name}`
    if (it.type === 'B') return `bind ${readBind(it.bytes).statement}`
    return it.type
  })
  return words.join(', ')
}

type Cache = ReturnType<typeof createStatementCache>

function rewritten(cache: Cache, request: Buffer): Rewritten {
  const it = cache.rewrite(request)
  if (!it) throw new Error('passed on as it is')
  return it
}

/** Sends a request, and says what PGlite saw of it. */
function send(cache: Cache, request: Buffer, answer = '1'): string {
  const it = cache.rewrite(request)
  it?.onAnswer(message(answer))
  return seen(it?.bytes ?? request)
}

it('names a statement the first time, and then leaves its parsing out', () => {
  const cache = createStatementCache()

  expect(send(cache, asked('select $1'))).toBe('parse shared_1, bind shared_1, D, E, S')
  expect(send(cache, asked('select $1'))).toBe('bind shared_1, D, E, S')
})

it('tells the client that was not parsed for that it was, and keeps its values', () => {
  const cache = createStatementCache()
  send(cache, asked('select $1', { value: 'one' }))

  const { bytes, onAnswer } = rewritten(cache, asked('select $1', { value: 'two' }))

  expect(onAnswer(message('2'))).toEqual(Buffer.concat([message('1'), message('2')]))
  expect(Buffer.from(bytes).toString()).toContain('\0shared_1\0two')
})

it('passes on as it is what is named, several statements, none on rows, long, read by the clock, an opening or only part of a request', () => {
  const cache = createStatementCache()
  const requests = [
    asked('select $1', { name: 'mine' }),
    Buffer.concat([parsed('select $1'), bindTo(''), describeStatement, message('E'), sync()]),
    asked(`select ${'$1, '.repeat(3_000)}$1`),
    asked(`select $1 < 'today'::date`),
    simpleQuery(`select timestamp ' 12:00 Tomorrow'`),
    simpleQuery('select 1; select 2'),
    simpleQuery('begin'),
    Buffer.concat([Buffer.from([0, 0, 0, 8]), Buffer.from([0, 3, 0, 0])]),
    Buffer.concat([parsed('select 1'), describePortal(''), message('H')]),
  ]

  for (const request of requests) expect(cache.rewrite(request)).toBeUndefined()
})

it('has a simple query prepared as well, and answered as one', () => {
  const cache = createStatementCache()
  const step = (types: string) => Buffer.concat([...types].map(message))

  const first = rewritten(cache, simpleQuery('select 1'))
  const answers = [first.onAnswer(step('12T'))]
  const second = rewritten(cache, simpleQuery('select 1'))
  answers.push(second.onAnswer(step('2nC')), rewritten(cache, simpleQuery('select 2')).onAnswer(step('E')))

  expect(seen(first.bytes)).toBe('parse shared_1, bind shared_1, D, E, S')
  expect(seen(second.bytes)).toBe('bind shared_1, D, E, S')
  expect(answers).toEqual([step('T'), step('C'), step('E')])
})

it('knows a statement again that asks for the time, and has literals beside it', () => {
  const cache = createStatementCache()
  const text = `select 1 from t where a = 'one' and at < now() and b = 'two' and c = $1`
  send(cache, asked(text))

  expect(send(cache, asked(text))).toBe('bind shared_1, D, E, S')
})

it('lets nothing but the steps out of the answer to a simple query, however it is cut', () => {
  const notice = Buffer.concat([Buffer.from('N\0\0\0\x0c'), Buffer.from('12n loud')])
  const answer = Buffer.concat([message('1'), notice, message('2'), notice, message('n'), message('C')])
  const clientsOf = (pieces: Buffer[]) => {
    const { onAnswer } = rewritten(createStatementCache(), simpleQuery('insert into t values (1)'))
    return Buffer.concat(pieces.map(onAnswer))
  }

  const expected = Buffer.concat([notice, notice, message('C')])
  expect(clientsOf([answer])).toEqual(expected)
  for (let cut = 1; cut < answer.length; cut += 1) {
    const [before, after] = [answer.subarray(0, cut), answer.subarray(cut)]
    expect(clientsOf([before, after])).toEqual(expected)
    expect(clientsOf([before, after.subarray(0, 1), after.subarray(1)])).toEqual(expected)
  }
})

it('takes a statement for gone once it could not be bound', () => {
  const cache = createStatementCache()
  send(cache, asked('select $1'))

  expect(send(cache, asked('select $1'), 'E')).toBe('bind shared_1, D, E, S')
  expect(send(cache, asked('select $1'))).toContain('parse shared_2')
})

it('adds nothing to a request that goes on, and forgets once it has ended', () => {
  const cache = createStatementCache()
  send(cache, asked('select $1'))
  send(cache, Buffer.concat([parsed('drop table t'), bindTo(''), message('E'), message('H')]))

  expect(cache.tidy('in request')).toBeUndefined()
  expect(send(cache, asked('select $1'))).toBe('parse , bind , D, E, S')
  expect(cache.tidy('free')).toEqual(Buffer.concat([closeStatement('shared_1'), sync()]))
})

it.each([
  'set search_path to other',
  `select set_config('timezone', 'Asia/Tokyo', true)`,
  `set local time zone 'Asia/Tokyo'`,
  'set datestyle to dmy',
  'reset all',
])('forgets all it knows when texts are read otherwise: %s', (setting) => {
  const cache = createStatementCache()
  send(cache, asked('select $1'))

  send(cache, simpleQuery(setting))

  expect(cache.tidy('free')).toEqual(Buffer.concat([closeStatement('shared_1'), sync()]))
})

it('forgets nothing for a setting by which nothing is read', () => {
  const cache = createStatementCache()
  send(cache, asked('select $1'))

  send(cache, simpleQuery(`select set_config('synchronous_commit', 'off', true)`))

  expect(cache.tidy('free')).toBeUndefined()
})

it('keeps nothing of a statement that was refused, and gives it another name the next time', () => {
  const cache = createStatementCache()
  send(cache, asked('select nonsense'), 'E')

  expect(cache.tidy('free')).toEqual(Buffer.concat([closeStatement('shared_1'), sync()]))
  expect(send(cache, asked('select nonsense'))).toContain('parse shared_2')
})

it('parses a statement anew after so many requests, for tables may have grown', () => {
  const cache = createStatementCache({ goodFor: 2 })
  send(cache, asked('select $1'))
  send(cache, simpleQuery('begin'))

  expect(send(cache, asked('select $1'))).toContain('parse shared_2')
  expect(cache.tidy('free')).toEqual(Buffer.concat([closeStatement('shared_1'), sync()]))
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
  const closing = cache.tidy('in transaction')
  const inTransaction = send(cache, asked('select $1'))
  cache.tidy('free')

  expect(closing).toEqual(Buffer.concat([closeStatement('shared_1'), sync()]))
  expect(inTransaction).toBe('parse , bind , D, E, S')
  expect(send(cache, asked('select $1'))).toBe('parse shared_2, bind shared_2, D, E, S')
})
