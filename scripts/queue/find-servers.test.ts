import { expect, it } from 'vitest'
import { findServers, withoutPassword } from './find-servers.ts'

const stack = { database_url: 'postgres://stack/db', redis_url: 'redis://stack' }

it('takes the running stack where the environment says nothing', () => {
  expect(findServers({ env: { DATABASE_URL: '', QUEUE_PREFIX: '' }, stack })).toEqual({
    databaseUrl: 'postgres://stack/db',
    redisUrl: 'redis://stack',
    prefix: 'audiobook',
  })
})

it('takes the environment first, each variable for itself', () => {
  const env = { DATABASE_URL: 'postgres://own/db', REDIS_URL: 'redis://own', QUEUE_PREFIX: 'books' }

  expect(findServers({ env, stack })).toEqual({
    databaseUrl: 'postgres://own/db',
    redisUrl: 'redis://own',
    prefix: 'books',
  })
  expect(findServers({ env: { REDIS_URL: 'redis://own' }, stack })).toMatchObject({
    databaseUrl: 'postgres://stack/db',
    redisUrl: 'redis://own',
  })
})

it('does not ask the Redis of a stack about the jobs of another database', () => {
  expect(findServers({ env: { DATABASE_URL: 'postgres://own/db' }, stack })?.redisUrl).toBeUndefined()
  expect(findServers({ env: { DATABASE_URL: stack.database_url }, stack })?.redisUrl).toBe('redis://stack')
})

it('finds nothing where nothing is said and nothing runs', () => {
  expect(findServers({ env: {}, stack: undefined })).toBeUndefined()
})

it('never shows a password', () => {
  expect(withoutPassword('postgres://me:hush@db.example:5433/books?sslmode=require')).toBe(
    'db.example:5433/books',
  )
  expect(withoutPassword('redis+cluster://:hu@sh@a:1,b:2')).toBe('a:1,b:2')
  expect(withoutPassword('redis+sentinel://:hush@a:1,b:2/mymaster?sentinelPassword=hush')).toBe(
    'a:1,b:2/mymaster',
  )
  expect(withoutPassword('hush')).not.toContain('hush')
})
