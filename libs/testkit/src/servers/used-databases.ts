import { mkdirSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type pg from 'pg'
import { onConnection } from './connection.ts'
import { shapeOf } from './database-shape.ts'
import { emptyTables } from './empty-tables.ts'
import { databaseUrl, dropDatabase, type Template } from './template-database.ts'

interface Place {
  adminUrl: string
  template: Template
  /** Shared by all test processes of this run: a file in it names a database that nobody uses. */
  directory: string
}

/**
 * Databases that tests of this run have used and emptied. Making a database takes half a second of a core, emptying one
 * a few milliseconds, and there are a thousand tests.
 */
export function usedDatabases({ adminUrl, template, directory }: Place) {
  mkdirSync(directory, { recursive: true })
  const noteOf = (name: string) => path.join(directory, name)

  return {
    /** One that nobody else gets, or undefined. */
    take(): string | undefined {
      return readdirSync(directory).find((name) => {
        try {
          // Not rmSync: that looks before it removes, so that two who are at it may both believe it was they.
          unlinkSync(noteOf(name))
          return true
        } catch {
          return false
        }
      })
    },

    /** Empties it for the next test. Drops it where it isn't what the template is. */
    async giveBack(name: string): Promise<void> {
      const shape = await onConnection(databaseUrl(adminUrl, name), emptied).catch(() => undefined)
      if (shape === template.shape) writeFileSync(noteOf(name), '')
      else await dropDatabase(adminUrl, name)
    },

    async drop(): Promise<void> {
      for (const name of readdirSync(directory)) await dropDatabase(adminUrl, name)
    },
  }
}

/** Its shape once its rows are gone. One connection for all: to begin one costs PostgreSQL as much as most tests' queries. */
async function emptied(client: pg.Client): Promise<string> {
  await closeOtherConnections(client)
  await emptyTables(client)
  return await shapeOf(client)
}

/** Whatever a test has left running must not write into the next one's database. */
async function closeOtherConnections(client: pg.Client): Promise<void> {
  await client.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  )
}
