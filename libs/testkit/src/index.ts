export { startPglite, type TestPglite } from './servers/pglite.ts'
export { type OwnRedis, ownRedis, type TestRedis, testRedis } from './servers/redis.ts'
export { realPostgres, type TestDatabase, testDatabase } from './servers/test-database.ts'
export { testWorld, type World } from './world.ts'
