import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { Secret } from './secret.ts'

it.each([
  ['JSON', (value: Secret) => JSON.stringify({ value })],
  ['a template', (value: Secret) => `${value}`],
  ['inspect', (value: Secret) => inspect({ value }, { showHidden: true, depth: 9 })],
  ['a spread', (value: Secret) => JSON.stringify({ ...value, seen: '[secret]' })],
])('cannot be printed by %s', (_way, print) => {
  const printed = print(new Secret('hunter2'))

  expect(printed).toContain('[secret]')
  expect(printed).not.toContain('hunter2')
})

it('reveals its value when asked by name', () => {
  expect(new Secret('hunter2').reveal()).toBe('hunter2')
})
