/** Why a clip could not be fetched. Each has a sentence of its own, written for whoever asked for the clip. */
export const FETCH_FAILURES = [
  ...(['url_forbidden', 'url_unsupported', 'private', 'login_required', 'age_restricted'] as const),
  ...(['region_blocked', 'removed', 'live', 'no_video', 'no_audio', 'unreadable', 'too_long'] as const),
  ...(['too_large', 'bot_check', 'rate_limited', 'extractor_broken', 'network', 'disk_full'] as const),
] as const
export type FetchFailure = (typeof FETCH_FAILURES)[number]
