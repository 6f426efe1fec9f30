/** `npm run db:migrate`: brings the schema of DATABASE_URL up to date. `npm start` does it by itself. */
import path from 'node:path'
import { connectDb, migrateToLatest } from '@app/db'
import { errorMessage, loadConfig, secret } from '@app/runtime'
import { loadEnvFile } from './queue/load-env-file.ts'

loadEnvFile(path.resolve(import.meta.dirname, '..'))
const config = loadConfig({ DATABASE_URL: secret })
const db = connectDb(config.DATABASE_URL.reveal(), { onIdleError: () => {}, maxConnections: 1 })
try {
  const applied = await migrateToLatest(db)
  for (const name of applied) console.log(`applied ${name}`)
  if (applied.length === 0) console.log('The schema is up to date.')
} catch (error) {
  console.error(`The schema could not be brought up to date: ${errorMessage(error)}`)
  process.exitCode = 1
} finally {
  await db.destroy()
}
