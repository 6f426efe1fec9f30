import { CreateClip } from '@app/contracts'
import { type CreateClipsDeps, createClip } from '../clips/create-clips.ts'
import { type ReadClipDeps, readClip } from '../clips/read-clip.ts'
import { hasEnded } from '../events/clip-events.ts'
import type { EventHub } from '../events/event-hub.ts'
import { answerFor } from '../http/answer-error.ts'
import { userOf } from '../http/authenticate.ts'
import type { ApiApp } from '../http/env.ts'
import { notFound } from '../http/known-id.ts'
import { Refusal } from '../http/refusal.ts'
import { problemsOf } from '../http/validated.ts'
import { type ClipRow, clipOf } from '../queries/clips.ts'

export const LEGACY_PATH = '/download'

export interface LegacyRoutesDeps extends CreateClipsDeps, ReadClipDeps {
  hub: EventHub
  /** A client is kept waiting for so long. */
  legacyWaitMs: number
}

/**
 * `POST /download`: makes a job and answers its result when it has ended, or 504 with the job's id. For testing by hand,
 * and on request only: it keeps a connection open for minutes, and stands in no document.
 */
export function legacyDownloadRoutes(app: ApiApp, deps: LegacyRoutesDeps): void {
  app.post(LEGACY_PATH, async (c) => {
    const parsed = CreateClip.safeParse(await c.req.json().catch(() => undefined))
    if (!parsed.success) {
      const details = problemsOf(parsed.error)
      throw new Refusal('invalid-body', 'the body is not as it should be', { details })
    }
    const owner = userOf(c.get('principal'))
    const asked = { request: parsed.data, idempotencyKey: undefined }
    const { job_id } = await createClip(deps, owner, asked)
    const clip = await ended(deps, { clipId: job_id, userId: owner.userId, signal: c.req.raw.signal })
    if (clip) return c.json(await readClip(deps, clip))
    const late = new Refusal('job-not-ended', 'the job has not ended yet: ask for its result later')
    return c.json({ job_id, ...answerFor(late).body }, 504)
  })
}

/** The clip, once it has ended; undefined where it takes too long, or nobody waits any more. */
async function ended(
  { db, hub, legacyWaitMs }: LegacyRoutesDeps,
  { clipId, userId, signal }: { clipId: string; userId: string; signal: AbortSignal },
): Promise<ClipRow | undefined> {
  const place = hub.enter(userId, clipId)
  const tooLate = AbortSignal.any([signal, AbortSignal.timeout(legacyWaitMs)])
  tooLate.addEventListener('abort', place.leave, { once: true })
  try {
    for (;;) {
      const clip = await clipOf(db, clipId)
      if (!clip) throw notFound('job')
      if (hasEnded(clip)) return clip
      const goesOn = await place.wait().then(
        () => true,
        () => false,
      )
      if (!goesOn) return undefined
    }
  } finally {
    place.leave()
  }
}
