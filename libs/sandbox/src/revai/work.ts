import { rm } from 'node:fs/promises'
import { abortableDelay } from '@app/runtime'
import type { Ears } from '../hearing/ears.ts'
import { fetchMedia } from './fetch-media.ts'
import type { RevaiFailure, RevaiJob } from './jobs.ts'
import { type Notification, notify } from './webhook.ts'

export interface RevaiWork {
  ears: Ears
  directory: string
  /** When jobs end: as soon as they are heard, so long after that, or when the test says so. */
  finish: 'at-once' | 'by-hand' | { afterMs: number }
  webhookRepeats: number
  webhookRetryMs: number
  signal: AbortSignal
  onPosted: (notification: Notification) => void
}

/** Two seconds: shorter is refused. */
const SHORTEST_MS = 500
const LONGEST_MS = 17 * 3_600_000

/** Hears a submitted job and tells when it has ended. */
export function startJob(
  job: RevaiJob,
  media: { path: string; sha256: string } | undefined,
  work: RevaiWork,
) {
  const byHand = Promise.withResolvers<RevaiFailure | undefined>()
  const over = run(job, media, byHand.promise, work)
  // A closed sandbox leaves its jobs.
  over.catch(() => {})
  return { finish: byHand.resolve, over }
}

async function run(
  job: RevaiJob,
  media: { path: string; sha256: string } | undefined,
  byHand: Promise<RevaiFailure | undefined>,
  work: RevaiWork,
): Promise<void> {
  const failed = await hearJob(job, media, work)
  const told = await due(work, byHand)
  const failure = told ?? failed
  job.completedOn = new Date()
  job.status = failure ? 'failed' : 'transcribed'
  if (failure) job.failure = failure
  const { signal, webhookRetryMs: retryMs, webhookRepeats: repeats, onPosted } = work
  await notify(job, { signal, retryMs, repeats, onPosted })
}

async function due({ finish, signal }: RevaiWork, byHand: Promise<RevaiFailure | undefined>) {
  if (finish === 'at-once') return undefined
  if (finish === 'by-hand') return byHand
  await Promise.race([abortableDelay(finish.afterMs, signal), byHand])
  return undefined
}

async function hearJob(
  job: RevaiJob,
  uploaded: { path: string; sha256: string } | undefined,
  { ears, directory, signal }: RevaiWork,
): Promise<RevaiFailure | undefined> {
  const source = job.options.source_config ?? { url: job.options.media_url ?? '' }
  const media = uploaded ?? (await fetchMedia(source, { directory, signal }))
  if (!media) return 'download_failure'
  try {
    const durationMs = await ears.durationMs(media.path, signal)
    if (durationMs === undefined) return 'invalid_media'
    job.durationSeconds = durationMs / 1000
    if (durationMs < SHORTEST_MS) return 'duration_too_short'
    if (durationMs > LONGEST_MS) return 'duration_exceeded'
    job.heard = await ears.hear(
      { ...media, durationMs },
      { language: job.options.language ?? undefined, signal },
    )
    return undefined
  } catch {
    signal.throwIfAborted()
    return 'transcription'
  } finally {
    await rm(media.path, { force: true })
  }
}
