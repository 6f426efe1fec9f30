import { expect, it } from 'vitest'
import { startChild } from './child.ts'
import { processStamp } from './process-stamp.ts'
import { Supervised } from './supervised.ts'

/** Notes each start and end, and lets a test wait for the next. */
function journal() {
  const pids: (number | undefined)[] = []
  const deaths: string[] = []
  let waiting = Promise.withResolvers<void>()
  return {
    pids,
    deaths,
    onChange: (pid: number | undefined) => {
      pids.push(pid)
      waiting.resolve()
      waiting = Promise.withResolvers()
    },
    onDeath: (how: string) => void deaths.push(how),
    async until(count: number) {
      while (pids.length < count) await waiting.promise
    },
  }
}

const sleeper = () => startChild({ command: 'sleep', args: ['600'], tie: 'guard' })

it('starts what was killed again, and knows the new process id', async () => {
  const notes = journal()
  const supervised = new Supervised({ name: 'sleeper', launch: sleeper, ...notes })
  await supervised.start()
  const first = supervised.pid as number

  process.kill(first, 'SIGKILL')
  await notes.until(3)

  expect(notes.deaths).toEqual(['SIGKILL'])
  expect(notes.pids).toEqual([first, undefined, supervised.pid])
  expect(supervised.pid).not.toBe(first)
  await supervised.stop()
})

it('starts anew what it is told to restart, and does not count that as a death', async () => {
  const notes = journal()
  const supervised = new Supervised({ name: 'sleeper', launch: sleeper, ...notes })
  await supervised.start()
  const first = supervised.pid

  await supervised.restart()
  await notes.until(3)

  expect(supervised.pid).not.toBe(first)
  expect(notes.deaths).toEqual([])
  await supervised.stop()
})

it('ends what it started and does not start it again once it is stopped', async () => {
  const notes = journal()
  const supervised = new Supervised({ name: 'sleeper', launch: sleeper, ...notes })
  await supervised.start()
  const pid = supervised.pid as number

  await supervised.stop()

  expect(processStamp(pid)).toBeUndefined()
  expect(notes.deaths).toEqual([])
  expect(notes.pids).toEqual([pid, undefined])
})

it('can be stopped while it waits to start something again', async () => {
  const notes = journal()
  const supervised = new Supervised({
    name: 'short-lived',
    launch: () => startChild({ command: 'false', args: [], tie: 'guard' }),
    ...notes,
  })
  await supervised.start()
  await notes.until(2)

  await supervised.stop()

  expect(supervised.pid).toBeUndefined()
})

it('gives up hope on what dies three times in a row before it was ever ready, and not on what was', async () => {
  const notes = journal()
  const supervised = new Supervised({
    name: 'short-lived',
    launch: () => startChild({ command: 'false', args: [], tie: 'guard' }),
    ...notes,
  })
  await supervised.start()
  expect(() => supervised.assertHopeful()).not.toThrow()
  await notes.until(6)

  expect(() => supervised.assertHopeful()).toThrow('short-lived ended 3 times')
  supervised.ready()
  expect(() => supervised.assertHopeful()).not.toThrow()
  await supervised.stop()
})
