import type { FetchFailure } from '@app/contracts'

/**
 * `final` is the same at every try; `later` costs no attempt and comes back after a while; `again` may be better at the
 * next of a few tries.
 */
export type Remedy = 'final' | 'later' | 'again'

interface Failure {
  /** What the user reads. */
  sentence: string
  remedy: Remedy
  retryAfterMs?: number
}

const MINUTE_MS = 60_000

/** Why a clip could not be fetched. */
export const FAILURES = {
  url_unsupported: { sentence: 'There is no video at this address that we can read.', remedy: 'final' },
  private: { sentence: 'This post is private: only those its author lets in can see it.', remedy: 'final' },
  login_required: {
    sentence: 'The platform shows this post only to people who have signed in.',
    remedy: 'final',
  },
  age_restricted: {
    sentence: 'This video is age-restricted, and the platform shows it only to adults who have signed in.',
    remedy: 'final',
  },
  region_blocked: {
    sentence: 'This video is not available in the region it was asked for from.',
    remedy: 'final',
  },
  removed: { sentence: 'This post is gone: it was removed, or never existed.', remedy: 'final' },
  live: {
    sentence: 'This is a live stream. Try again when it has ended and can be watched again.',
    remedy: 'final',
  },
  no_video: { sentence: 'There is no video in this post, only pictures or text.', remedy: 'final' },
  no_audio: { sentence: 'This video has no sound, so there is nothing to transcribe.', remedy: 'final' },
  unreadable: {
    sentence: 'The video was fetched, but its file is damaged or of a kind we cannot read.',
    remedy: 'final',
  },
  too_long: { sentence: 'This video is longer than is allowed here.', remedy: 'final' },
  too_large: { sentence: 'This video is larger than is allowed here.', remedy: 'final' },
  bot_check: {
    sentence: 'The platform wants proof that a person is asking, so it gives us nothing at the moment.',
    remedy: 'final',
  },
  rate_limited: {
    sentence: 'The platform says that we ask too often. We try again in a few minutes.',
    remedy: 'later',
    retryAfterMs: 5 * MINUTE_MS,
  },
  extractor_broken: {
    sentence:
      'The platform has changed, and our downloader does not understand it yet. Its operator must update it.',
    remedy: 'again',
  },
  network: { sentence: 'The connection to the platform failed.', remedy: 'again' },
  disk_full: {
    sentence: 'There is not enough room for this video at the moment. We try again in a few minutes.',
    remedy: 'later',
    retryAfterMs: 5 * MINUTE_MS,
  },
} as const satisfies Record<Exclude<FetchFailure, 'url_forbidden'>, Failure>

export type FailureCode = keyof typeof FAILURES
