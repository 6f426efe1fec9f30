import { expect, it } from 'vitest'
import { z } from 'zod'
import { ConfigError, loadConfig } from './config.ts'
import { secret } from './secret.ts'

const shape = {
  DATABASE_URL: secret,
  HEALTH_PORT: z.coerce.number().int().default(8080),
  SUPABASE_URL: z.url().optional(),
}

function errorOf(load: () => unknown): ConfigError {
  try {
    load()
  } catch (error) {
    if (error instanceof ConfigError) return error
  }
  throw new Error('expected a ConfigError')
}

it('parses, coerces and fills in defaults', () => {
  const config = loadConfig(shape, { DATABASE_URL: 'postgres://x', SUPABASE_URL: 'https://s.example' })

  expect(config.DATABASE_URL.reveal()).toBe('postgres://x')
  expect(config.HEALTH_PORT).toBe(8080)
  expect(config.SUPABASE_URL).toBe('https://s.example')
})

it('is frozen', () => {
  const config = loadConfig({ PORT: z.coerce.number() }, { PORT: '1' })

  expect(() => Object.assign(config, { PORT: 2 })).toThrow(TypeError)
})

it('reports every missing and wrong variable at once', () => {
  const error = errorOf(() => loadConfig(shape, { HEALTH_PORT: 'eighty', SUPABASE_URL: 'not a url' }))

  expect(error.problems.map((problem) => problem.variable)).toEqual([
    'DATABASE_URL',
    'HEALTH_PORT',
    'SUPABASE_URL',
  ])
  expect(error.message).toContain('DATABASE_URL: is not set')
  expect(error.message).toMatch(/HEALTH_PORT: .*expected number/)
})

it('never repeats a value it refused', () => {
  const load = () =>
    loadConfig({ KEY: secret.refine(() => false), MODE: z.enum(['a']) }, { KEY: 'hunter2', MODE: 'hunter3' })

  const error = errorOf(load)

  expect(error.problems).toHaveLength(2)
  expect(error.message).not.toMatch(/hunter/)
})

it('takes an empty or blank variable for one that is not set', () => {
  const config = loadConfig(
    { PORT: z.coerce.number().default(7), NAME: z.string().optional() },
    { PORT: '', NAME: ' ' },
  )

  expect(config).toEqual({ PORT: 7 })
})

it('drops the newline that a mounted secret ends with', () => {
  expect(loadConfig({ KEY: secret }, { KEY: 'abc\n' }).KEY.reveal()).toBe('abc')
})

it('lets a secret be optional or have a fallback', () => {
  const config = loadConfig({ KEY: secret.optional(), TOKEN: secret.prefault('dev') }, {})

  expect(config.KEY).toBeUndefined()
  expect(config.TOKEN.reveal()).toBe('dev')
})
