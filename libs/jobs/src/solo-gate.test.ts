import { expect, it } from 'vitest'
import { createSoloGate } from './solo-gate.ts'

const turn = () => new Promise(setImmediate)
const never = new AbortController().signal

it('lets a soloist begin once everything else has ended, and nothing begin meanwhile', async () => {
  const gate = createSoloGate()
  const leave = gate.enter()
  let began = false
  const alone = gate.enterAlone(never).then((end) => {
    began = true
    return end
  })
  await turn()

  expect(gate.isOpen()).toBe(false)
  expect(gate.enter()).toBeUndefined()
  expect(began).toBe(false)

  leave?.()
  const end = await alone
  expect(gate.enter()).toBeUndefined()
  end()
  expect(gate.isOpen()).toBe(true)
  expect(gate.enter()).toBeDefined()
})

it('lets soloists have their turns one after the other', async () => {
  const gate = createSoloGate()
  const order: string[] = []
  const first = await gate.enterAlone(never)
  const second = gate.enterAlone(never).then((end) => {
    order.push('second began')
    return end
  })
  await turn()

  order.push('first ended')
  first()
  first()
  ;(await second)()

  expect(order).toEqual(['first ended', 'second began'])
  expect(gate.isOpen()).toBe(true)
})

it('opens again when a soloist that waits is aborted', async () => {
  const gate = createSoloGate()
  const leave = gate.enter()
  const cancel = new AbortController()
  const alone = gate.enterAlone(cancel.signal)
  cancel.abort(new Error('cancelled'))

  await expect(alone).rejects.toThrow('cancelled')
  expect(gate.isOpen()).toBe(true)
  leave?.()
})
