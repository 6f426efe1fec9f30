import { expect, it } from 'vitest'
import { terminalLine } from './terminal-line.ts'

const entry = (level: string, more = {}) => JSON.stringify({ level, msg: 'went wrong', ...more })

it.each(['trace', 'debug', 'info'])('leaves %s to the log file', (level) => {
  expect(terminalLine('api', entry(level))).toBeUndefined()
})

it.each(['warn', 'error', 'fatal'])('shows %s in one line, with the reason', (level) => {
  const line = terminalLine('api', entry(level, { err: { message: 'disk full', stack: 'Error\n at x' } }))

  expect(line).toBe(`api          ${level.padEnd(5)} went wrong: disk full`)
})

it.each([
  'Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.',
  "Stream isn't writeable and enableOfflineQueue options is false",
])('says in plain words what ioredis says of its settings: %s', (message) => {
  expect(terminalLine('api', entry('warn', { err: { message } }))).toBe(
    'api          warn  went wrong: Redis is away',
  )
})

it('shows what is no log entry at all: it is how a program crashes', () => {
  expect(terminalLine('embedder', "Error: Cannot find module './x.ts'")).toBe(
    "embedder     Error: Cannot find module './x.ts'",
  )
  expect(terminalLine('embedder', '{ broken')).toBe('embedder     { broken')
  expect(terminalLine('embedder', '  ')).toBeUndefined()
})
