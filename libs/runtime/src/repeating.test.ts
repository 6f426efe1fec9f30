import { expect, it } from 'vitest'
import { createLogger } from './log.ts'
import { repeating } from './repeating.ts'

const log = createLogger('test', 'silent')
const control = { signal: new AbortController().signal, fail: () => {} }

it('goes on after a failure, until it is stopped', async () => {
  let turns = 0
  const third = Promise.withResolvers<void>()
  const part = repeating({
    name: 'counting',
    everyMs: 1,
    log,
    work: async () => {
      turns += 1
      if (turns === 3) third.resolve()
      if (turns === 1) throw new Error('the first time')
    },
  })

  part.start(control)
  await third.promise
  await part.stop()
  const atStop = turns

  expect(atStop).toBeGreaterThanOrEqual(3)
  expect(turns).toBe(atStop)
})

it('tells the work under way to stop, and waits for it', async () => {
  const [begun, seen] = [Promise.withResolvers<void>(), [] as string[]]
  const part = repeating({
    name: 'waiting',
    everyMs: 60_000,
    log,
    work: async (signal) => {
      begun.resolve()
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      seen.push('ended')
    },
  })

  part.start(control)
  await begun.promise
  await part.stop()

  expect(seen).toEqual(['ended'])
})

it('asks how long to pause after each time', async () => {
  const pauses = [1, 1, 60_000]
  const asked: number[] = []
  const third = Promise.withResolvers<void>()
  const part = repeating({
    name: 'slowing down',
    everyMs: () => {
      asked.push(pauses[asked.length] ?? 0)
      if (asked.length === 3) third.resolve()
      return asked.at(-1) ?? 0
    },
    log,
    work: async () => {},
  })

  part.start(control)
  await third.promise
  await part.stop()

  expect(asked).toEqual(pauses)
})
