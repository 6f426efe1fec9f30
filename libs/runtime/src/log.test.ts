import { expect, it } from 'vitest'
import { FatalError } from './errors.ts'
import { createLogger, type Logger } from './log.ts'
import { Secret } from './secret.ts'

function logged(write: (log: Logger) => void): Record<string, unknown>[] {
  const lines: string[] = []
  write(createLogger('transcriber', 'info', { write: (line) => void lines.push(line) }))
  return lines.map((line) => JSON.parse(line))
}

it('writes one JSON line with service, level by name and time', () => {
  const [line] = logged((log) => log.info({ jobId: 'a' }, 'claimed'))

  expect(line).toMatchObject({ service: 'transcriber', level: 'info', msg: 'claimed', jobId: 'a' })
  expect(line?.time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
})

it('leaves out what is below its level', () => {
  expect(logged((log) => log.debug('detail'))).toEqual([])
})

it('keeps class, code, stack and the chain of causes of an error', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  const error = new FatalError('media-unreadable', 'ffprobe refused it', { cause: refused })

  const [line] = logged((log) => log.error({ err: error }, 'failed'))

  expect(line?.err).toMatchObject({
    type: 'FatalError',
    code: 'media-unreadable',
    message: 'ffprobe refused it',
    stack: expect.stringContaining('log.test.ts'),
    cause: { type: 'Error', code: 'ECONNREFUSED', message: 'connect' },
  })
})

it('does not print what clients hang on their errors', () => {
  const error = Object.assign(new Error('NOAUTH'), { command: { name: 'auth', args: ['hunter2'] } })

  const [line] = logged((log) => log.error({ err: error }, 'redis'))

  expect(JSON.stringify(line)).not.toContain('hunter2')
})

it('prints a nested secret as [secret]', () => {
  const [line] = logged((log) => log.info({ config: { DATABASE_URL: new Secret('hunter2') } }, 'configured'))

  expect(line?.config).toEqual({ DATABASE_URL: '[secret]' })
})

it('survives an error that is its own cause', () => {
  const error: Error = new Error('round')
  error.cause = error

  const [line] = logged((log) => log.error({ err: error }, 'failed'))

  expect(line?.err).toMatchObject({ message: 'round', cause: { message: 'round' } })
})
