import { expect, it } from 'vitest'
import { unfitness } from './fitness.ts'

const info = (version: string, policy = 'noeviction') =>
  `# Server\r\nredis_version:${version}\r\nredis_mode:standalone\r\n\n# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:${policy}\r\n`

it.each(['7.0.0', '7.0.15', '7.4.1', '8.6.2', '10.0.0'])('row 30: takes Redis %s', (version) => {
  expect(unfitness(info(version))).toBeUndefined()
})

it.each(['6.2.14', '5.0.7', '6.9.9'])('row 30: refuses Redis %s, and says what is needed', (version) => {
  expect(unfitness(info(version))).toBe(
    `REDIS_URL leads to a Redis ${version}: 7.0 or later is needed, or Valkey`,
  )
})

it.each(['allkeys-lru', 'volatile-lru', 'volatile-ttl', 'allkeys-random'])(
  'row 28: refuses a server that drops keys by %s, and says how to change that',
  (policy) => {
    expect(unfitness(info('7.2.4', policy))).toMatch(
      new RegExp(`maxmemory-policy is ${policy}.*CONFIG SET maxmemory-policy noeviction`),
    )
  },
)

it('takes a server that does not say what it is', () => {
  expect(unfitness('# Server\r\nserver_name:something\r\n')).toBeUndefined()
})
