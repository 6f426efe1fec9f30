import { type ClipCreated, type ClipsCreated, CreateClip, type CreateClips } from '@app/contracts'
import type { Db } from '@app/db'
import type { UrlRules } from '@app/net'
import type { Platform } from '@app/platforms'
import { asError, FatalError } from '@app/runtime'
import { answerFor } from '../http/answer-error.ts'
import type { ApiKeyGrant } from '../http/principal.ts'
import { Refusal } from '../http/refusal.ts'
import { problemsOf } from '../http/validated.ts'
import { type WebhookUrlRules, webhookUrl } from '../webhooks/webhook-url.ts'
import { keyOfLine } from './idempotency.ts'
import { judgeAddress } from './judge-address.ts'
import { refuseOverBudget } from './refuse-over-budget.ts'
import { type CallbackWebhook, type ClipAsker, type ClipDraft, writeClips } from './write-clips.ts'

export interface CreateClipsDeps {
  db: Db
  rules: UrlRules
  /** Where callbacks may lead. */
  webhookUrls: WebhookUrlRules
  platforms: readonly Platform[]
  callbackWebhook: CallbackWebhook
  /** Jobs may be due. */
  dispatchSoon: () => void
  /** A part of a batch could not be written. */
  onFault: (error: Error) => void
}

/** With their jobs these take PGlite about a second. */
const AT_ONCE = 200

/** Who asks for clips: an owner, perhaps by an API key with a budget. */
export interface ClipOwner {
  userId: string
  key?: ApiKeyGrant | undefined
}

/** One clip, at once: neither a name is resolved nor anybody asked. Errors: refusals of what `CreateClip` can't check. */
export async function createClip(
  deps: CreateClipsDeps,
  owner: ClipOwner,
  { request, idempotencyKey }: { request: CreateClip; idempotencyKey: string | undefined },
): Promise<ClipCreated> {
  await refuseOverBudget(deps.db, owner.key)
  const [created] = await writeClips(deps, askerOf(owner), [draftOf(deps, request, idempotencyKey)])
  deps.dispatchSoon()
  if (!created || created instanceof Error)
    throw created ?? new Error('a clip was neither written nor refused')
  return created
}

/** Many, each accepted or refused by itself, in their order. */
export async function createClips(
  deps: CreateClipsDeps,
  owner: ClipOwner,
  { request, idempotencyKey }: { request: CreateClips; idempotencyKey: string | undefined },
): Promise<ClipsCreated> {
  await refuseOverBudget(deps.db, owner.key)
  const { urls, ...options } = request
  const judged = urls.map((line, index) => {
    const key = idempotencyKey === undefined ? undefined : keyOfLine(idempotencyKey, index)
    return judgeLine(deps, { ...options, ...(typeof line === 'object' ? line : { url: line }) }, key)
  })
  const drafts = judged.filter((each): each is ClipDraft => !(each instanceof Error))
  const written = await writeInTurn(deps, askerOf(owner), drafts)
  deps.dispatchSoon()
  const outcomeOf = new Map(drafts.map((draft, index) => [draft, written[index]]))
  const results = judged.map((each, index) => {
    const outcome = each instanceof Error ? each : outcomeOf.get(each)
    if (outcome && !(outcome instanceof Error)) return { index, ...outcome }
    const { error } = answerFor(outcome ?? new Error('a line was neither written nor refused')).body
    return { index, url: urlOf(urls[index]), error }
  })
  const refused = results.filter((result) => 'error' in result).length
  return { accepted: results.length - refused, refused, results }
}

/**
 * In transactions that nobody has to wait for long, where the database has one for all. When one fails, what was written
 * before stands, so the lines that are left say why they are not.
 */
async function writeInTurn(
  deps: CreateClipsDeps,
  asker: ClipAsker,
  drafts: readonly ClipDraft[],
): Promise<(ClipCreated | Error)[]> {
  const written: (ClipCreated | Error)[] = []
  for (let first = 0; first < drafts.length; first += AT_ONCE) {
    try {
      written.push(...(await writeClips(deps, asker, drafts.slice(first, first + AT_ONCE))))
    } catch (thrown) {
      if (first === 0) throw thrown
      const error = asError(thrown)
      deps.onFault(error)
      return [...written, ...Array(drafts.length - first).fill(error)]
    }
  }
  return written
}

const askerOf = ({ userId, key }: ClipOwner) => ({ ownerId: userId, apiKeyId: key?.id })

function judgeLine(deps: CreateClipsDeps, line: unknown, key: string | undefined): ClipDraft | Error {
  const parsed = CreateClip.safeParse(line)
  if (!parsed.success) {
    return new Refusal('invalid-body', 'this line is not as it should be', {
      details: problemsOf(parsed.error),
    })
  }
  try {
    return draftOf(deps, parsed.data, key)
  } catch (thrown) {
    if (thrown instanceof FatalError) return thrown
    throw asError(thrown)
  }
}

function draftOf(deps: CreateClipsDeps, request: CreateClip, idempotencyKey: string | undefined): ClipDraft {
  const address = judgeAddress(request.url, deps)
  if (request.callback_url === undefined) return { request, address, idempotencyKey }
  const callback_url = callbackOf(request.callback_url, deps.webhookUrls)
  return { request: { ...request, callback_url }, address, idempotencyKey }
}

function callbackOf(text: string, rules: WebhookUrlRules): string {
  try {
    return webhookUrl(text, rules)
  } catch (cause) {
    const problem = asError(cause).message
    const details = [{ field: 'callback_url', problem }]
    throw new Refusal('url_forbidden', `The callback_url can not be called. ${problem}`, { details, cause })
  }
}

function urlOf(line: unknown): string | null {
  const url = typeof line === 'object' && line !== null && 'url' in line ? line.url : line
  return typeof url === 'string' ? url.slice(0, 2_048) : null
}
