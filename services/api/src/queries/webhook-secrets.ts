import type { Db } from '@app/db'
import { type RawBuilder, sql } from 'kysely'
import type { OwnWebhook } from './webhooks.ts'

export interface KnownSecret {
  secret: string
  previousSecretUntil: Date | null
}

/** The secret of a webhook's own; undefined where there is no such webhook, or it is a callback. */
export async function secretOf(db: Db, { ownerId, id }: OwnWebhook): Promise<KnownSecret | undefined> {
  const { rows } = await sql<KnownSecret>`
    select secret, ${stillGood} from webhooks
    where id = ${id} and owner_id = ${ownerId} and origin = 'registered'`.execute(db)
  return rows[0]
}

interface Rotation {
  secret: string
  /** For how long the one before signs as well. One that is before that signs no more. */
  overlapHours: number
}

export async function rotateSecret(
  db: Db,
  { ownerId, id }: OwnWebhook,
  rotation: Rotation,
): Promise<KnownSecret | undefined> {
  const { rows } = await sql<KnownSecret>`
    update webhooks set ${rotated(rotation)}
    where id = ${id} and owner_id = ${ownerId} and origin = 'registered'
    returning secret, ${stillGood}`.execute(db)
  return rows[0]
}

/** What signs all of an owner's callbacks: made once, when it is first needed or asked for. */
export async function rotateCallbackSecret(
  db: Db,
  ownerId: string,
  rotation: Rotation,
): Promise<KnownSecret | undefined> {
  const { rows } = await sql<KnownSecret>`
    update callback_secrets set ${rotated(rotation)} where owner_id = ${ownerId}
    returning secret, ${stillGood}`.execute(db)
  return rows[0]
}

const rotated = ({ secret, overlapHours }: Rotation): RawBuilder<unknown> => sql`
  previous_secret = secret, secret = ${secret},
  previous_secret_until = now() + ${overlapHours} * interval '1 hour'`

const stillGood = sql`
  case when previous_secret_until > now() then previous_secret_until end as "previousSecretUntil"`
