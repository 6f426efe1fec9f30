import { expect, it } from 'vitest'
import { abortableDelay, TimeoutError, withTimeout } from './time.ts'

const never = new Promise<never>(() => {})

it('passes on what arrives in time', async () => {
  expect(await withTimeout(Promise.resolve(1), 10_000, 'late')).toBe(1)
  expect(await withTimeout(() => 2, 10_000, 'late')).toBe(2)
})

it('passes on a failure, thrown or rejected', async () => {
  const thrown = () => {
    throw new Error('thrown')
  }

  await expect(withTimeout(thrown, 10_000, 'late')).rejects.toThrow('thrown')
  await expect(withTimeout(Promise.reject(new Error('rejected')), 10_000, 'late')).rejects.toThrow('rejected')
})

it('gives up with the code it was given', async () => {
  const error = await withTimeout(never, 1, 'probe-timeout').catch((caught: unknown) => caught)

  expect(error).toBeInstanceOf(TimeoutError)
  expect(error).toMatchObject({ code: 'probe-timeout', message: 'probe-timeout: no answer within 1 ms' })
})

it('tells the work to stop when the time is over', async () => {
  const seen = Promise.withResolvers<unknown>()
  const work = (signal: AbortSignal) => {
    signal.addEventListener('abort', () => seen.resolve(signal.reason))
    return never
  }

  await expect(withTimeout(work, 1, 'late')).rejects.toThrow(TimeoutError)

  expect(await seen.promise).toBeInstanceOf(TimeoutError)
})

it('waits longer than a Node timer can', async () => {
  const slow = abortableDelay(20).then(() => 'yes')

  expect(await withTimeout(slow, 2 ** 40, 'late')).toBe('yes')
})

it('resolves after the delay', async () => {
  expect(await abortableDelay(1)).toBeUndefined()
})

it('ends a delay with the reason of the abort', async () => {
  const controller = new AbortController()
  const delay = abortableDelay(2 ** 40, controller.signal)
  controller.abort(new Error('stopping'))

  await expect(delay).rejects.toThrow('stopping')
})

it('does not begin a delay that is already aborted', async () => {
  await expect(abortableDelay(2 ** 40, AbortSignal.abort(new Error('stopping')))).rejects.toThrow('stopping')
})
