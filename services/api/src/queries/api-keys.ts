import type { ApiKeyScope, CreateApiKey } from '@app/contracts'
import { type Db, inTransaction, type Trx } from '@app/db'
import { recordAct } from '@app/jobs'
import { sql } from 'kysely'
import type { ApiKeyGrant } from '../http/principal.ts'

interface FoundKey {
  ownerId: string
  grant: ApiKeyGrant
  isRevoked: boolean
  isExpired: boolean
  /** Its last use was written down over a minute ago, or never. */
  isUseDue: boolean
}

/** What the key of this hash allows, by Postgres' clock. */
export async function grantOfKey(db: Db, keyHash: string): Promise<FoundKey | undefined> {
  const row = await db
    .selectFrom('api_keys')
    .select(['id', 'owner_id', 'scopes', 'requests_per_minute', 'usd_per_day'])
    .select([
      sql<boolean>`revoked_at is not null`.as('is_revoked'),
      sql<boolean>`coalesce(expires_at <= now(), false)`.as('is_expired'),
      sql<boolean>`coalesce(last_used_at < now() - interval '1 minute', true)`.as('is_use_due'),
    ])
    .where('key_hash', '=', keyHash)
    .executeTakeFirst()
  return (
    row && {
      ownerId: row.owner_id,
      grant: {
        id: row.id,
        scopes: row.scopes as ApiKeyScope[],
        requestsPerMinute: row.requests_per_minute,
        usdPerDay: row.usd_per_day,
      },
      isRevoked: row.is_revoked,
      isExpired: row.is_expired,
      isUseDue: row.is_use_due,
    }
  )
}

/** Once a minute, whichever of many requests at once is first. */
export async function noteKeyUse(db: Db, keyId: string): Promise<void> {
  await db
    .updateTable('api_keys')
    .set({ last_used_at: sql<Date>`now()` })
    .where('id', '=', keyId)
    .where(sql<boolean>`coalesce(last_used_at < now() - interval '1 minute', true)`)
    .execute()
}

interface NewKey {
  request: CreateApiKey
  ownerId: string
  keyHash: string
  prefix: string
  /** Who makes it. */
  who: string
}

/** Writes a key down, and who made it. */
export async function insertApiKey(
  db: Db,
  { request, ownerId, keyHash, prefix, who }: NewKey,
): Promise<ApiKeyRow> {
  return await inTransaction(db, async (trx) => {
    const { id } = await trx
      .insertInto('api_keys')
      .values({
        owner_id: ownerId,
        name: request.name,
        prefix,
        key_hash: keyHash,
        scopes: [...new Set(request.scopes)],
        requests_per_minute: request.requests_per_minute ?? null,
        usd_per_day: request.usd_per_day ?? null,
        expires_at: request.expires_at === undefined ? null : new Date(request.expires_at),
        created_by: who,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const details = { owner: ownerId, name: request.name, scopes: request.scopes }
    await recordAct(trx, { who, action: 'api-key-made', subject: `api key ${id}`, details })
    return await rowsOf(trx).where('k.id', '=', id).executeTakeFirstOrThrow()
  })
}

/** Revokes a key; twice is no error. False where there is no such key. */
export async function revokeApiKey(db: Db, keyId: string, who: string): Promise<boolean> {
  return await inTransaction(db, async (trx) => {
    const key = await trx
      .selectFrom('api_keys')
      .select('revoked_at')
      .where('id', '=', keyId)
      .forUpdate()
      .executeTakeFirst()
    if (!key) return false
    if (key.revoked_at) return true
    await trx.updateTable('api_keys').set({ revoked_at: sql<Date>`now()` }).where('id', '=', keyId).execute()
    await recordAct(trx, { who, action: 'api-key-revoked', subject: `api key ${keyId}` })
    return true
  })
}

/** One page of the keys, newest first, revoked ones too; how many there are on all pages. */
export async function listApiKeys(
  db: Db,
  { page, pageSize, ownerId }: { page: number; pageSize: number; ownerId?: string | undefined },
): Promise<{ keys: ApiKeyRow[]; total: number }> {
  let counted = db.selectFrom('api_keys').select(sql<number>`count(*)::int`.as('total'))
  let listed = rowsOf(db)
  if (ownerId !== undefined) {
    counted = counted.where('owner_id', '=', ownerId)
    listed = listed.where('k.owner_id', '=', ownerId)
  }
  const { total } = await counted.executeTakeFirstOrThrow()
  const keys = await listed
    .orderBy('k.created_at', 'desc')
    .orderBy('k.id')
    .limit(pageSize)
    .offset((page - 1) * pageSize)
    .execute()
  return { keys, total }
}

export type ApiKeyRow = Awaited<ReturnType<ReturnType<typeof rowsOf>['executeTakeFirstOrThrow']>>

const rowsOf = (db: Db | Trx) =>
  db
    .selectFrom('api_keys as k')
    .select([
      'k.id',
      'k.owner_id',
      'k.name',
      'k.prefix',
      'k.scopes',
      'k.requests_per_minute',
      'k.usd_per_day',
    ])
    .select(['k.expires_at', 'k.last_used_at', 'k.revoked_at', 'k.created_by', 'k.created_at'])
    .select(
      sql<number>`(
        select coalesce(sum(cost_usd), 0)::float8 from provider_calls
        where api_key_id = k.id and at >= date_trunc('day', now() at time zone 'UTC') at time zone 'UTC'
      )`.as('spent_usd_today'),
    )
