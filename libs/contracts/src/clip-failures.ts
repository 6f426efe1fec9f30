import { z } from 'zod'

/** Why a clip could not be fetched. Each has a sentence of its own, written for whoever asked for the clip. */
export const FETCH_FAILURES = [
  ...(['url_forbidden', 'url_unsupported', 'private', 'login_required', 'age_restricted'] as const),
  ...(['region_blocked', 'removed', 'live', 'no_video', 'no_audio', 'unreadable', 'too_long'] as const),
  ...(['too_large', 'bot_check', 'rate_limited', 'extractor_broken', 'network', 'disk_full'] as const),
] as const
export type FetchFailure = (typeof FETCH_FAILURES)[number]

/** Of a clip, as its owner and webhooks are told it. */
export const ClipErrorCode = z
  .string()
  .nullable()
  .meta({
    description: `Why it failed: ${FETCH_FAILURES.join(', ')}; cancelled, internal, or another code-like-this. Null where it has not`,
  })
