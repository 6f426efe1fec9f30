import { expect, it, vi } from 'vitest'
import { createBatches } from './batches.ts'

/** Work that ends when the test says so. */
function gated() {
  const batches: number[][] = []
  const gates: PromiseWithResolvers<void>[] = []
  const work = async (items: readonly number[]) => {
    batches.push([...items])
    const gate = Promise.withResolvers<void>()
    gates.push(gate)
    await gate.promise
    return items.map((item) => item * 10)
  }
  return { batches, gates, work }
}

const turn = () => new Promise(setImmediate)

it('sends a lone call at once, and what comes meanwhile together', async () => {
  const { batches, gates, work } = gated()
  const call = createBatches(work)

  const first = call(1)
  await turn()
  const others = [call(2), call(3)]
  await turn()
  expect(batches).toEqual([[1]])
  gates[0]?.resolve()
  await turn()
  gates[1]?.resolve()

  expect(await first).toBe(10)
  expect(await Promise.all(others)).toEqual([20, 30])
  expect(batches).toEqual([[1], [2, 3]])
})

it('puts no more into a batch than allowed, and loses none', async () => {
  const sizes: number[] = []
  const call = createBatches(
    async (items: readonly number[]) => {
      sizes.push(items.length)
      return items
    },
    { most: 3 },
  )

  const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => call(index)))

  expect(answers).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(sizes).toEqual([3, 3, 2])
})

it('rejects the calls of a batch that failed, and no others', async () => {
  const call = createBatches(async (items: readonly number[]) => {
    if (items.includes(13)) throw new Error('unlucky')
    return items
  })

  await expect(call(13)).rejects.toThrow('unlucky')
  expect(await call(14)).toBe(14)
})

it('waits for more where nobody is in a hurry', async () => {
  vi.useFakeTimers()
  const batches: number[][] = []
  const call = createBatches(
    async (items: readonly number[]) => {
      batches.push([...items])
      return items
    },
    { gatherMs: 5 },
  )

  const answers = [call(1)]
  await vi.advanceTimersByTimeAsync(4)
  answers.push(call(2))
  expect(batches).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  vi.useRealTimers()

  expect(await Promise.all(answers)).toEqual([1, 2])
  expect(batches).toEqual([[1, 2]])
})
