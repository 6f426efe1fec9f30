export { connectDb, type Db, pingDb, type Trx } from './connect.ts'
export { migrateToLatest } from './migrate.ts'
export type { Database, ProcessingJobs } from './schema.ts'
export { inTransaction, isConnectionError, sqlState } from './transaction.ts'
