import type { Db } from '@app/db'
import { userOf } from '../http/authenticate.ts'
import { knownId, notFound } from '../http/known-id.ts'
import type { Principal } from '../http/principal.ts'
import { Refusal } from '../http/refusal.ts'
import { type ClipRow, clipOf } from '../queries/clips.ts'

/** A clip that its owner, or an admin, asks about. Refusals: `job-not-found`, `not-yours`. */
export async function ownClip(db: Db, principal: Principal, id: string): Promise<ClipRow> {
  const user = userOf(principal)
  const clip = await clipOf(db, knownId(id, 'job'))
  if (!clip) throw notFound('job')
  if (user.kind !== 'admin' && clip.owner_id !== user.userId) {
    throw new Refusal('not-yours', 'this job belongs to somebody else')
  }
  return clip
}
