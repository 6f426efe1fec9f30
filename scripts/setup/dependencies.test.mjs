import { expect, it } from 'vitest'
import { satisfies } from './dependencies.mjs'

const wanted = {
  '': { name: 'scriptorium' },
  'libs/db': { name: '@app/db' },
  'node_modules/@app/db': { link: true },
  'node_modules/zod': { version: '4.6.7' },
  'node_modules/cli-other-platform': { version: '1.0.0', optional: true },
}
const present = { 'node_modules/@app/db': { link: true }, 'node_modules/zod': { version: '4.6.7' } }

it('is content with the packages of the lock file, less those for other platforms', () => {
  expect(satisfies(wanted, present)).toBe(true)
})

it.each([
  ['a package of another version', { ...present, 'node_modules/zod': { version: '4.6.6' } }],
  ['a package that is missing', { 'node_modules/@app/db': { link: true } }],
  ['a workspace that is not linked', { 'node_modules/zod': { version: '4.6.7' } }],
])('is not content with %s', (_what, found) => {
  expect(satisfies(wanted, found)).toBe(false)
})
