import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { emptyTables, onConnection } from './empty-tables.ts'
import { databaseUrl, dropDatabase } from './template-database.ts'

/** Rows that are deleted stay where they are until somebody vacuums: what is larger is made anew. */
const MOST_BYTES = 4 * 1024 * 1024

interface Place {
  adminUrl: string
  template: string
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
          rmSync(noteOf(name))
          return true
        } catch {
          return false
        }
      })
    },

    /** Empties it for the next test. Drops it where it isn't what the template is. */
    async giveBack(name: string): Promise<void> {
      try {
        await closeConnections(adminUrl, name)
        const url = databaseUrl(adminUrl, name)
        await emptyTables(url)
        const [used, pristine] = [await shapeOf(url), await shapeOf(databaseUrl(adminUrl, template))]
        if (used !== pristine) throw new Error('a test changed more than rows')
      } catch {
        await dropDatabase(adminUrl, name)
        return
      }
      writeFileSync(noteOf(name), '')
    },

    async drop(): Promise<void> {
      for (const name of readdirSync(directory)) await dropDatabase(adminUrl, name)
    },
  }
}

/** Whatever a test has left running must not write into the next one's database. */
async function closeConnections(adminUrl: string, name: string): Promise<void> {
  await onConnection(adminUrl, (client) =>
    client.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [name]),
  )
}

/** Everything about a database but its rows, in one text that is equal for equal databases. */
async function shapeOf(url: string): Promise<string> {
  return await onConnection(url, async (client) => {
    const { rows } = await client.query<{ shape: string }>(SHAPE, [MOST_BYTES])
    return rows[0]?.shape ?? ''
  })
}

const SHAPE = /* sql */ `
select string_agg(part, e'\\n' order by part) as shape from (
  select concat_ws(' ', 'schema', nspname) from pg_namespace where nspname !~ '^pg_'
  union all
  select concat_ws(' ', 'column', attrelid::regclass, attname, atttypid::regtype, attnotnull)
  from pg_attribute join pg_class on pg_class.oid = attrelid
  where relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped
  union all
  select concat_ws(' ', 'index', indexrelid::regclass, indisvalid) from pg_index
  where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
  union all
  select concat_ws(' ', 'constraint', conrelid::regclass, conname) from pg_constraint
  where connamespace = 'public'::regnamespace and conrelid <> 0
  union all
  select concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled) from pg_trigger where not tgisinternal
  union all
  select concat_ws(' ', 'policy', polrelid::regclass, polname) from pg_policy
  union all
  select concat_ws(' ', 'function', oid::regprocedure, md5(prosrc)) from pg_proc
  where pronamespace = 'public'::regnamespace
  union all
  select concat_ws(' ', 'setting', unnest(setconfig)) from pg_db_role_setting
  where setdatabase = (select oid from pg_database where datname = current_database())
  union all
  -- Plans would differ.
  select concat_ws(' ', 'statistics', starelid::regclass) from pg_statistic
    join pg_class on pg_class.oid = starelid
  where relnamespace = 'public'::regnamespace
  union all
  select concat_ws(' ', 'grown', oid::regclass) from pg_class
  where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_total_relation_size(oid) > $1
) parts (part)`
