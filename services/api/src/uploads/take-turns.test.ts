import { expect, it } from 'vitest'
import { takeTurns } from './take-turns.ts'

it('lets no more than so many run at once, and everyone in the end', async () => {
  const turns = takeTurns(2)
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  let running = 0
  let most = 0

  const all = gates.map((gate) =>
    turns(async () => {
      running += 1
      most = Math.max(most, running)
      await gate.promise
      running -= 1
    }),
  )
  for (const gate of gates) gate.resolve()
  await Promise.all(all)

  expect(most).toBe(2)
})

it('gives a place back when the work fails', async () => {
  const turns = takeTurns(1)

  await expect(turns(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')

  await expect(turns(async () => 'done')).resolves.toBe('done')
})
