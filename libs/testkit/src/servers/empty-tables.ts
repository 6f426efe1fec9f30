import type pg from 'pg'

/** Kysely's own tables, which say what has been migrated. */
const KEPT = 'kysely_%'

/**
 * Deletes every row of the database, triggers aside: a hundredth of what making it anew costs. Rejects where somebody
 * holds on to a row, or the role may not switch triggers off.
 */
export async function emptyTables(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ table: string }>(
    `select quote_ident(relname) as table from pg_class
     where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not like $1`,
    [KEPT],
  )
  const deletions = rows.map(({ table }) => `delete from ${table};`).join('')
  await client.query(`begin;
    set local session_replication_role = replica; set local lock_timeout = '2s';
    ${deletions} commit;`)
}
