import { expect, it } from 'vitest'
import { planEnvironment, type Variables } from './plan-environment.ts'

const id = '00000000-0000-4000-8000-000000000000'
const plan = (env: Variables) =>
  planEnvironment({
    env,
    dataDir: '/data',
    secrets: {
      jwtSecret: 'jwt',
      signingSecret: 'signing',
      redisPassword: 'rp',
      postgresPassword: 'pp',
      userIds: { admin: id, user: id, service: id },
    },
    apiPort: 8080,
    redisPort: 20_001,
    postgresPort: 20_002,
    cores: 2,
  })

it('embeds everything when nothing is configured', () => {
  const environment = plan({})

  expect(environment).toMatchObject({
    embedsPostgres: true,
    embedsRedis: true,
    apiUrl: 'http://localhost:8080',
  })
  expect(environment.variables).toEqual({
    DATABASE_URL: 'postgres://postgres:pp@127.0.0.1:20002/postgres',
    REDIS_URL: 'redis://:rp@127.0.0.1:20001',
    STORAGE_DIR: '/data/storage',
    SUPABASE_JWT_SECRET: 'jwt',
    SIGNING_SECRET: 'signing',
    PUBLIC_URL: 'http://localhost:8080',
    QUEUE_PREFIX: 'audiobook',
    LOG_LEVEL: 'info',
    CONCURRENCY: '2',
    SHUTDOWN_GRACE_MS: '5000',
    DATABASE_SILENCE_MS: '30000',
    PORT: '8080',
  })
})

it('leaves each server out that the environment names', () => {
  const environment = plan({ DATABASE_URL: 'postgres://db', REDIS_URL: 'redis://cache' })

  expect(environment).toMatchObject({
    embedsPostgres: false,
    embedsRedis: false,
    databaseUrl: 'postgres://db',
    redisUrl: 'redis://cache',
  })
})

it('passes on what the user set, and lets it win over the defaults', () => {
  const environment = plan({
    SUPABASE_JWT_SECRET: 'theirs',
    LOG_LEVEL: 'debug',
    STORAGE_DIR: '/elsewhere',
    SUPABASE_URL: 'https://project.example',
    CONCURRENCY: '4',
  })

  expect(environment.jwtSecret).toBe('theirs')
  expect(environment.variables).toMatchObject({
    SUPABASE_JWT_SECRET: 'theirs',
    LOG_LEVEL: 'debug',
    STORAGE_DIR: '/elsewhere',
    SUPABASE_URL: 'https://project.example',
    CONCURRENCY: '4',
  })
})

it('takes an empty variable, as a copied .env has them, for one that is not set', () => {
  const environment = plan({ DATABASE_URL: '', LOG_LEVEL: '' })

  expect(environment.embedsPostgres).toBe(true)
  expect(environment.variables.LOG_LEVEL).toBe('info')
})
