import pg from 'pg'

/** Kysely's own tables, which say what has been migrated. */
const KEPT = 'kysely_%'

/**
 * Deletes every row of the database, triggers aside: a hundredth of what making it anew costs. Rejects where somebody
 * holds on to a row, or the role may not switch triggers off.
 */
export async function emptyTables(url: string): Promise<void> {
  await onConnection(url, async (client) => {
    const { rows } = await client.query<{ table: string }>(
      `select quote_ident(relname) as table from pg_class
       where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not like $1`,
      [KEPT],
    )
    const deletions = rows.map(({ table }) => `delete from ${table};`).join('')
    await client.query(`begin;
      set local session_replication_role = replica; set local lock_timeout = '2s';
      ${deletions} commit;`)
  })
}

/** Runs `work` on a connection of its own. */
export async function onConnection<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
