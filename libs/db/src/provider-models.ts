import { sql } from 'kysely'
import type { Db } from './connect.ts'

export interface KeptModelState {
  provider: string
  model: string
  use: string
  /** Of key and address. */
  fingerprint: string
  status: 'available' | 'ending' | 'gone' | 'unknown'
  /** `YYYY-MM-DD` */
  shutdownDate: string | undefined
  warning: string | undefined
}

/** Keeps what was found out about a configured model, for operators. */
export async function keepModelState(db: Db, state: KeptModelState): Promise<void> {
  const { provider, model, use, fingerprint, status, shutdownDate, warning } = state
  const found = { fingerprint, status, shutdown_date: shutdownDate ?? null, warning: warning ?? null }
  await db
    .insertInto('provider_models')
    .values({ provider, model, use, ...found })
    .onConflict((conflict) =>
      conflict.columns(['provider', 'model', 'use']).doUpdateSet({ ...found, checked_at: sql<Date>`now()` }),
    )
    .execute()
}

/** What services found out lately about the models they are configured for; others are out of use. */
export async function modelStates(db: Db): Promise<(KeptModelState & { checkedAt: Date })[]> {
  const { rows } = await sql<
    KeptModelState & { checkedAt: Date; shutdownDate: string | null; warning: string | null }
  >`
    select provider, model, use, fingerprint, status, shutdown_date::text as "shutdownDate", warning, checked_at as "checkedAt"
    from provider_models where checked_at > now() - interval '2 days' order by provider, use, model`.execute(
    db,
  )
  return rows.map((row) => ({
    ...row,
    shutdownDate: row.shutdownDate ?? undefined,
    warning: row.warning ?? undefined,
  }))
}
