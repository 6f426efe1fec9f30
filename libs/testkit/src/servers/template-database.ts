import { randomUUID } from 'node:crypto'
import { connectDb, migrateToLatest } from '@app/db'
import { onConnection } from './connection.ts'
import { shapeOf } from './database-shape.ts'

/** What tests' databases are copies of. */
export interface Template {
  name: string
  /** Read here, once: nobody may be connected to a database while it is copied. */
  shape: string
}

/** Migrates one database; every test gets a copy of it. */
export async function prepareTemplate(adminUrl: string): Promise<Template & { drop: () => Promise<void> }> {
  const name = `scriptorium_template_${randomUUID().slice(0, 8)}`
  await administer(adminUrl, `create database ${name}`)
  const db = connectDb(databaseUrl(adminUrl, name), { onIdleError: () => {} })
  try {
    await migrateToLatest(db)
  } finally {
    await db.destroy()
  }
  const shape = await onConnection(databaseUrl(adminUrl, name), shapeOf)
  return { name, shape, drop: () => dropDatabase(adminUrl, name) }
}

/** One statement about databases, on a connection of its own. */
export async function administer(adminUrl: string, statement: string): Promise<void> {
  await onConnection(adminUrl, (client) => client.query(statement))
}

export const dropDatabase = (adminUrl: string, name: string): Promise<void> =>
  administer(adminUrl, `drop database if exists ${name} with (force)`)

export function databaseUrl(adminUrl: string, name: string): string {
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return url.href
}
