import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createConfirmations } from './confirmations.ts'

const ticket = (id: string) => ({ id, fence: 0, entryId: `${id}-0` })

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('confirms all that was sent in a second with one statement', async () => {
  const confirmSent = vi.fn(async () => {})
  const { add } = createConfirmations({ confirmSent })

  add([ticket('a')])
  await vi.advanceTimersByTimeAsync(999)
  add([ticket('b'), ticket('c')])
  expect(confirmSent).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  await vi.advanceTimersByTimeAsync(5_000)

  expect(confirmSent.mock.calls).toEqual([[[ticket('a'), ticket('b'), ticket('c')]]])
})

it('confirms what is left when it ends, and nothing where nothing is', async () => {
  const confirmSent = vi.fn(async () => {})
  const { add, flush } = createConfirmations({ confirmSent })

  add([ticket('a')])
  await flush()
  await flush()
  await vi.advanceTimersByTimeAsync(5_000)

  expect(confirmSent.mock.calls).toEqual([[[ticket('a')]]])
})

it('goes on after Postgres was away', async () => {
  const confirmSent = vi.fn(async () => {}).mockRejectedValueOnce(new Error('away'))
  const { add } = createConfirmations({ confirmSent })

  add([ticket('a')])
  await vi.advanceTimersByTimeAsync(1_000)
  add([ticket('b')])
  await vi.advanceTimersByTimeAsync(1_000)

  expect(confirmSent.mock.calls).toEqual([[[ticket('a')]], [[ticket('b')]]])
})
