import { sql } from 'kysely'
import type { Db } from './connect.ts'
import { inTransaction } from './transaction.ts'

/** What is stopped: a provider as it is configured somewhere, or one model of it. */
export interface StopKey {
  provider: string
  /** Of key and address. */
  fingerprint: string
  /** Empty: the whole provider. */
  model: string
}

export interface ProviderStop extends StopKey {
  code: string
  sentence: string
  /** It does not work, rather than that it will not work for us. */
  isOutage: boolean
  stoppedAt: Date
  probeAt: Date
  /** How long until one call may try whether it works again; 0 or less: now. */
  probeInMs: number
  /** Calls that tried, and failed. */
  probes: number
}

/** All that is stopped, whoever asks. */
export async function providerStops(db: Db): Promise<ProviderStop[]> {
  const { rows } = await sql<ProviderStop>`
    select provider, fingerprint, model, code, sentence, is_outage as "isOutage", stopped_at as "stoppedAt",
      probe_at as "probeAt", probes, (extract(epoch from probe_at - now()) * 1000)::float8 as "probeInMs"
    from provider_stops order by provider, model, fingerprint`.execute(db)
  return rows
}

/** Stops it, or goes on doing so: a probe that failed is counted. Returns whether it was not stopped before. */
export async function stopProvider(
  db: Db,
  key: StopKey,
  stop: { code: string; sentence: string; isOutage: boolean; probeInMs: number; isFailedProbe: boolean },
): Promise<boolean> {
  const { rows } = await sql<{ isNew: boolean }>`
    insert into provider_stops (provider, fingerprint, model, code, sentence, is_outage, probe_at)
    values (${key.provider}, ${key.fingerprint}, ${key.model}, ${stop.code}, ${stop.sentence}, ${stop.isOutage},
      now() + ${stop.probeInMs}::float8 * interval '1 millisecond')
    on conflict (provider, fingerprint, model) do update set
      code = excluded.code, sentence = excluded.sentence, is_outage = excluded.is_outage,
      probe_at = greatest(provider_stops.probe_at, excluded.probe_at), probes = provider_stops.probes + ${stop.isFailedProbe ? 1 : 0}
    returning xmax = 0 as "isNew"`.execute(db)
  return rows[0]?.isNew ?? false
}

/** Whether this caller is the one that may try; for `nextInMs` nobody else may. */
export async function takeProbe(db: Db, key: StopKey, nextInMs: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('provider_stops')
    .set({ probe_at: sql<Date>`now() + ${nextInMs}::float8 * interval '1 millisecond'` })
    .where('provider', '=', key.provider)
    .where('fingerprint', '=', key.fingerprint)
    .where('model', '=', key.model)
    .where('probe_at', '<=', sql<Date>`now()`)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** It works again, and the jobs that waited for it come now. Returns whether it was stopped. */
export async function liftStop(db: Db, key: StopKey): Promise<boolean> {
  return await inTransaction(db, async (trx) => {
    const { numDeletedRows } = await trx
      .deleteFrom('provider_stops')
      .where('provider', '=', key.provider)
      .where('fingerprint', '=', key.fingerprint)
      .where('model', '=', key.model)
      .executeTakeFirst()
    if (numDeletedRows === 0n) return false
    await callPutOff(trx, stopName(key))
    return true
  })
}

/** How what is stopped is named in `waiting_for`: `provider:openai`, `provider:openai/gpt-x`. */
export const stopName = ({ provider, model }: Pick<StopKey, 'provider' | 'model'>): string =>
  model === '' ? `provider:${provider}` : `provider:${provider}/${model}`

/** Lets the queued jobs come that were put off for this. Rows in another transaction's hands are on their way. */
export async function callPutOff(db: Db, waitingFor: string): Promise<void> {
  await sql`
    update processing_jobs set run_at = now()
    where id in (
      select id from processing_jobs
      where status = 'queued' and waiting_for = ${waitingFor} and run_at > now()
      order by id
      for update skip locked
    )`.execute(db)
}

/** The names of all that some job waits for and that begin like this; one step of the index for each. */
export async function putOffNames(db: Db, prefix: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    with recursive names (name) as (
      (select min(waiting_for) from processing_jobs
        where status = 'queued' and waiting_for is not null and waiting_for >= ${prefix})
      union all
      select (
        select min(waiting_for) from processing_jobs
        where status = 'queued' and waiting_for is not null and waiting_for > name
      )
      from names where name is not null and starts_with(name, ${prefix})
    )
    select name from names where starts_with(name, ${prefix})`.execute(db)
  return rows.map(({ name }) => name)
}
