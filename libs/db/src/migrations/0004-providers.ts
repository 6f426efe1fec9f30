import { type Kysely, sql } from 'kysely'

/** What providers of speech and language say beside the text itself, and what they cost. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(SCHEMA).execute(db)
}

const SCHEMA = /* sql */ `
alter table transcripts
  add column language_confidence double precision,
  add column seconds_billed double precision,
  add column cost_usd double precision;

alter table transcript_segments
  add column confidence double precision,
  add column times_estimated boolean not null default false,
  add column doubtful text;
`
