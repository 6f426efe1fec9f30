import { expect, it, vi } from 'vitest'
import { createPostgresGate } from './postgres-gate.ts'

const broken = () => Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }))

it('shuts at the first broken connection, says so once, and opens when Postgres answers', async () => {
  const told: string[] = []
  const answers = [broken, async () => {}]
  const gate = createPostgresGate({
    ping: () => (answers.shift() ?? broken)(),
    onAway: () => told.push('away'),
    onBack: () => told.push('back'),
  })
  expect(gate.isOpen()).toBe(true)

  await expect(gate.heed(broken())).rejects.toThrow('gone')
  await expect(gate.heed(broken())).rejects.toThrow('gone')
  expect(gate.isOpen()).toBe(false)

  await vi.waitFor(() => expect(gate.isOpen()).toBe(true), { timeout: 10_000 })
  expect(told).toEqual(['away', 'back'])
})

it('stays open for answers and for refusals, which come from a Postgres that is there', async () => {
  const gate = createPostgresGate({ ping: broken, onAway: () => {}, onBack: () => {} })

  expect(await gate.heed(Promise.resolve(1))).toBe(1)
  const refusal = Object.assign(new Error('duplicate key'), { code: '23505' })
  await expect(gate.heed(Promise.reject(refusal))).rejects.toThrow('duplicate key')

  expect(gate.isOpen()).toBe(true)
})
