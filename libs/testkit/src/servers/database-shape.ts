import type pg from 'pg'

/** Rows that are deleted stay where they are until somebody vacuums: a table that has grown is another shape. */
const MOST_BYTES = 4 * 1024 * 1024

/** Everything about a database but its rows, in one text that is equal for equal databases. */
export async function shapeOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ shape: string }>(SHAPE, [MOST_BYTES])
  return rows[0]?.shape ?? ''
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
