import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import { cancelClip, retryClip } from '@app/jobs'
import type { UrlRules } from '@app/net'
import type { Platform } from '@app/platforms'
import type { Logger } from '@app/runtime'
import type { ClipJobRoutesDeps } from '../routes/clip-jobs.ts'
import type { LegacyRoutesDeps } from '../routes/legacy-download.ts'
import type { SignUrls } from '../sign-urls.ts'
import type { StorageSweeper } from '../storage-sweeper.ts'
import { callbackWebhook } from '../webhooks/callback-webhook.ts'
import { removeClip } from './remove-clip.ts'

/** Longer than most clips take, shorter than proxies bear. */
const LEGACY_WAIT_MS = 240_000

interface ClipParts {
  db: Db
  bus: Bus
  log: Logger
  urlRules: UrlRules
  platforms: readonly Platform[]
  allowHttpWebhooks: boolean
  publicUrl: string
  legacyWaitMs?: number | undefined
  signUrls: SignUrls
  sweeper: StorageSweeper
  /** Jobs of this clip have changed: some may be due, and streams have something to show. */
  onChange: (clipId: string) => void
}

/** What the routes about clips need. */
export function clipDeps({
  db,
  bus,
  log,
  sweeper,
  onChange,
  ...parts
}: ClipParts): Omit<ClipJobRoutesDeps & LegacyRoutesDeps, 'hub' | 'dispatchSoon'> {
  return {
    onFault: (err) => log.error({ err }, 'a part of a batch could not be written'),
    ...{ db, callbackWebhook, rules: parts.urlRules, platforms: parts.platforms },
    webhookUrls: { rules: parts.urlRules, allowHttp: parts.allowHttpWebhooks },
    ...{ signUrls: parts.signUrls, publicUrl: parts.publicUrl },
    legacyWaitMs: parts.legacyWaitMs ?? LEGACY_WAIT_MS,
    cancelClip: async (clipId, who) => {
      await cancelClip({ db, bus }, clipId, who)
      onChange(clipId)
    },
    retryClip: async (clipId, who) => {
      await retryClip(db, clipId, who)
      onChange(clipId)
    },
    removeClip: async (clipId) => {
      await removeClip({ db, bus, removeNow: sweeper.removeNow }, clipId)
      onChange(clipId)
    },
  }
}
