import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { createLogger } from './log.ts'
import { type Part, type PartControl, runService } from './service.ts'

const never = new Promise<never>(() => {})

/** A service whose process is an emitter and whose exit is written down. */
function stage(signalEchoMs = 0) {
  const steps: string[] = []
  const lines: string[] = []
  const exited = Promise.withResolvers<number>()
  const signals = Object.assign(new EventEmitter(), { connected: undefined as boolean | undefined })
  const exit = (code: number) => {
    steps.push(`exit ${code}`)
    exited.resolve(code)
  }
  const log = createLogger('test', 'info', { write: (line) => void lines.push(line) })
  const run = (parts: Part[], exitWithParent = true) =>
    runService({ log, parts, exit, signals, signalEchoMs, exitWithParent })
  const part = (name: string, more: Partial<Part> = {}): Part => ({
    name,
    start: () => steps.push(`start ${name}`),
    stop: () => steps.push(`stop ${name}`),
    ...more,
  })
  return { steps, lines, signals, exited: exited.promise, run, part }
}

it('starts in order and stops in reverse', async () => {
  const { run, part, steps } = stage()
  const service = await run([part('connections'), part('health'), part('worker')])

  await service.stop()

  expect(steps).toEqual([
    'start connections',
    'start health',
    'start worker',
    'stop worker',
    'stop health',
    'stop connections',
    'exit 0',
  ])
})

it('stops once, however often it is asked', async () => {
  const { run, part, steps, signals } = stage(60_000)
  const service = await run([part('worker')])

  const codes = await Promise.all([service.stop(), service.stop()])
  signals.emit('SIGTERM')

  expect(codes).toEqual([0, 0])
  expect(steps).toEqual(['start worker', 'stop worker', 'exit 0'])
})

it.each(['SIGTERM', 'SIGINT', 'disconnect'])('stops in order on %s', async (event) => {
  const { run, part, steps, signals, exited } = stage()
  await run([part('worker')])

  signals.emit(event)

  expect(await exited).toBe(0)
  expect(steps).toEqual(['start worker', 'stop worker', 'exit 0'])
})

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
])('exits at once on a second signal (%s: %d)', async (second, code) => {
  const { run, part, signals, exited } = stage()
  await run([part('worker', { stop: () => never })])

  signals.emit('SIGTERM')
  signals.emit(second)

  expect(await exited).toBe(code)
})

it('takes a signal that follows closely for an echo of the first', async () => {
  const { run, part, steps, signals, exited } = stage(60_000)
  const stopped = Promise.withResolvers<void>()
  await run([part('worker', { stop: () => stopped.promise })])

  signals.emit('SIGINT')
  signals.emit('SIGTERM')
  stopped.resolve()

  expect(await exited).toBe(0)
  expect(steps).toEqual(['start worker', 'exit 0'])
})

it('stops what had been started, and only that, when a part fails to start', async () => {
  const { run, part, steps, lines } = stage()
  const refuse = () => Promise.reject(new Error('port in use'))

  await run([part('connections'), part('health', { start: refuse }), part('worker')])

  expect(steps).toEqual(['start connections', 'stop connections', 'exit 1'])
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({
      level: 'fatal',
      msg: 'health failed to start',
      err: expect.objectContaining({ message: 'port in use' }),
    }),
  )
})

it('stops the part that was starting when the signal came, and starts no more', async () => {
  const { run, part, steps, signals } = stage()
  const ready = Promise.withResolvers<void>()
  const running = run([part('connections', { start: () => ready.promise }), part('worker')])

  signals.emit('SIGTERM')
  ready.resolve()
  await running

  expect(steps).toEqual(['stop connections', 'exit 0'])
})

it('lets a start that waits give up on a signal, without calling it a failure', async () => {
  const { run, part, steps, signals } = stage()
  const begun = Promise.withResolvers<void>()
  const waiting = ({ signal }: PartControl) => {
    begun.resolve()
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  const running = run([part('connections'), part('worker', { start: waiting })])

  await begun.promise
  signals.emit('SIGTERM')
  await running

  expect(steps).toEqual(['start connections', 'stop connections', 'exit 0'])
})

it.each([
  ['throws', () => Promise.reject(new Error('already closed'))],
  ['hangs', () => never],
])('stops the other parts when one %s, and exits with 1', async (_how, stop) => {
  const { run, part, steps } = stage()
  const service = await run([part('connections'), part('worker', { stop, stopTimeoutMs: 1 })])

  expect(await service.stop()).toBe(1)

  expect(steps).toEqual(['start connections', 'start worker', 'stop connections', 'exit 1'])
})

it.each(['uncaughtException', 'unhandledRejection'])(
  'logs %s as fatal, stops in order and exits with 1',
  async (event) => {
    const { run, part, steps, lines, signals, exited } = stage()
    await run([part('worker')])

    signals.emit(event, new Error('boom'))

    expect(await exited).toBe(1)
    expect(steps).toEqual(['start worker', 'stop worker', 'exit 1'])
    expect(lines.filter((line) => line.includes('"fatal"') && line.includes('boom'))).toHaveLength(1)
  },
)

it('ends when a part says that it broke', async () => {
  const { run, part, exited } = stage()
  const broken = Promise.withResolvers<(error: unknown) => void>()
  await run([part('worker', { start: ({ fail }) => broken.resolve(fail) })])

  const fail = await broken.promise
  fail(new Error('stream is gone'))

  expect(await exited).toBe(1)
})

it('ends at once when the supervisor had gone before it listened', async () => {
  const { run, part, steps, signals } = stage()
  signals.connected = false

  await run([part('worker')])

  expect(steps).toEqual(['exit 0'])
})

it('outlives its supervisor when asked to', async () => {
  const { run, part, signals } = stage()

  await run([part('worker')], false)

  expect(signals.listenerCount('SIGTERM')).toBe(1)
  expect(signals.listenerCount('disconnect')).toBe(0)
})

it('leaves no listener behind', async () => {
  const { run, part, signals } = stage()
  const service = await run([part('worker')])

  await service.stop()

  expect(signals.eventNames()).toEqual([])
})
