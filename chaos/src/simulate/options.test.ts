import { expect, it } from 'vitest'
import { parseSimulation } from './options.ts'

it('simulates ten thousand seeds from the first on unless told otherwise', () => {
  expect(parseSimulation(['--simulate'])).toEqual({
    seed: 1,
    seeds: 10_000,
    plant: undefined,
    trace: false,
    first: false,
    json: false,
  })
})

it('traces one seed', () => {
  expect(parseSimulation(['--simulate', '--seed', '7', '--trace'])).toMatchObject({ seed: 7, seeds: 1 })
})

it('refuses a bug that it can not plant with a sentence', () => {
  expect(() => parseSimulation(['--simulate', '--plant', 'x'])).toThrow('--plant must be one of no-fence')
})
