import { randomUUID } from 'node:crypto'
import type { ClipCreated, CreateClip } from '@app/contracts'
import { type Db, inTransaction, type Trx } from '@app/db'
import { insertClips, type NewClip } from '@app/jobs'
import { Refusal } from '../http/refusal.ts'
import { clipsOfKeys, type KeyedClip } from '../queries/clips.ts'
import { hashOfRequest } from './idempotency.ts'
import type { ClipAddress } from './judge-address.ts'

/** The webhook behind a callback's URL. */
export type CallbackWebhook = (trx: Trx, ownerId: string, url: string) => Promise<string>

/** A request that may become a clip. */
export interface ClipDraft {
  request: CreateClip
  address: ClipAddress
  /** The same address under the same key makes one clip. */
  idempotencyKey: string | undefined
}

export interface ClipAsker {
  ownerId: string
  apiKeyId: string | undefined
}

/**
 * Writes clips with their jobs in one transaction, in few statements however many they are. What was asked for under the
 * same idempotency key before, or is at this moment, is answered as it was then; refused where that was something else.
 * In their order.
 */
export async function writeClips(
  { db, callbackWebhook }: { db: Db; callbackWebhook: CallbackWebhook },
  asker: ClipAsker,
  drafts: readonly ClipDraft[],
): Promise<(ClipCreated | Refusal)[]> {
  return await inTransaction(db, async (trx) => {
    const webhooks = await webhooksOf(trx, asker, { drafts, callbackWebhook })
    const rows = drafts.map((draft) => rowOf(draft, asker, webhooks.get(draft.request.callback_url ?? '')))
    const inserted = await insertClips(trx, rows)
    const repeated = rows.flatMap(({ idempotency_key: key }, index) => (key && !inserted[index] ? [key] : []))
    const earlier = await clipsOfKeys(trx, asker.ownerId, repeated)
    return drafts.map(({ address, idempotencyKey }, index) => {
      const clip = inserted[index]
      if (clip) return created(clip.id, clip.downloadId, address.url)
      return asBefore(earlier.get(idempotencyKey ?? ''), rows[index]?.request_hash ?? null)
    })
  })
}

async function webhooksOf(
  trx: Trx,
  { ownerId }: ClipAsker,
  { drafts, callbackWebhook }: { drafts: readonly ClipDraft[]; callbackWebhook: CallbackWebhook },
): Promise<ReadonlyMap<string, string>> {
  const urls = new Set(drafts.flatMap(({ request }) => request.callback_url ?? []))
  const ids = new Map<string, string>()
  // In one order, so that two transactions that name the same ones can't deadlock.
  for (const url of [...urls].sort()) ids.set(url, await callbackWebhook(trx, ownerId, url))
  return ids
}

function rowOf(
  { request, address, idempotencyKey }: ClipDraft,
  { ownerId, apiKeyId }: ClipAsker,
  webhookId: string | undefined,
): NewClip {
  return {
    id: randomUUID(),
    owner_id: ownerId,
    api_key_id: apiKeyId ?? null,
    url: address.url,
    address: address.address,
    canonical_url: address.canonicalUrl ?? null,
    external_id: address.externalId ?? null,
    platform: address.platform,
    language: request.language ?? null,
    metadata: JSON.stringify(request.metadata ?? {}),
    force: request.force ?? false,
    keep_video: request.keep_video ?? false,
    webhook_id: webhookId ?? null,
    idempotency_key: idempotencyKey ?? null,
    request_hash: idempotencyKey === undefined ? null : hashOfRequest(request),
  }
}

/** As draft-ietf-httpapi-idempotency-key-header has it: another request under a key that was used is 422. */
function asBefore(clip: KeyedClip | undefined, requestHash: string | null): ClipCreated | Refusal {
  // Deleted between the two statements: whoever asks again makes a new one.
  if (!clip) return new Refusal('idempotency-key-in-use', 'the job of this idempotency key is being deleted')
  if (clip.requestHash !== requestHash) {
    return new Refusal('idempotency-key-reused', 'this idempotency key was used for another request')
  }
  return created(clip.id, clip.downloadId, clip.url)
}

const created = (id: string, downloadId: string, url: string): ClipCreated => ({
  ...{ job_id: id, rq_job_id: downloadId, status: 'pending', url },
})
