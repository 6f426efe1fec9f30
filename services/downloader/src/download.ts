import { DownloadJob } from '@app/contracts'
import { objectsOf } from '@app/db'
import { defineWorker } from '@app/jobs'
import { checkUrl } from '@app/net'
import { type DetectedPlatform, detectPlatform } from '@app/platforms'
import { errorCode } from '@app/runtime'
import type { DownloadDeps } from './download-deps.ts'
import { DownloadError, downloadFailure } from './download-failure.ts'
import type { DownloadResult, DownloadRun } from './download-run.ts'
import { fetchRecording } from './fetch-recording.ts'
import { followLink } from './follow-link.ts'
import { knownMedia } from './known-media.ts'
import { fillClip, holdKnownMedia, keepRecording, recordSource } from './queries/save-download.ts'
import { isMediaThere, stayStored } from './queries/sources.ts'
import { STORED_FOR_MS } from './store-recording.ts'

/** One URL → its sound, thumbnail and what is known of it; fetched once, however many ask for the same. */
export const download = defineWorker(DownloadJob, {
  async run(job, deps: DownloadDeps, context) {
    const run = { job, deps, context }
    await context.enter('downloading')
    const { source, missed } = await sourceOf(run)
    try {
      const known = await knownMedia(run, source.canonicalUrl)
      const result = known ? await passStages(run, known) : await fetchOnce(run, source)
      const { platform } = detectPlatform(result.source.canonicalUrl, deps.platforms) ?? source
      return { ...result, platform }
    } catch (error) {
      // The reader of the short link's platform may not read where it leads.
      throw missed && errorCode(error) === 'url_unsupported' ? missed : error
    }
  },

  async save(trx, { input }, result) {
    const reused = 'mediaId' in result
    const media = reused ? await holdKnownMedia(trx, result.mediaId) : await keepRecording(trx, result.media)
    if (!reused) await recordSource(trx, result.source, media.mediaId)
    const { source, platform } = result
    await fillClip(trx, { clipId: input.clipId, source, media, platform })
    return { ...media, reused }
  },
})

interface Sought {
  source: DetectedPlatform
  /** Why a short link could not be followed this time. */
  missed?: DownloadError
}

/** Whose post it is, and its canonical URL as far as it can be known without asking the platform's reader. */
async function sourceOf({ job, deps, context }: DownloadRun): Promise<Sought> {
  const { reach, platforms } = deps
  const url = checkUrl(job.input.url, reach.rules).href
  const found = detectPlatform(url, platforms)
  if (!found) throw downloadFailure('url_unsupported')
  if (found.canonicalUrl !== undefined) return { source: found }
  const { signal } = context
  const follow = async () => (await followLink(url, { reach, platforms, signal })) ?? null
  try {
    return { source: (await context.step('followed', follow)) ?? found }
  } catch (error) {
    // The platform's reader may still reach it, now; whether this link leads somewhere is asked again in another run.
    if (error instanceof DownloadError) return { source: found, missed: error }
    throw error
  }
}

/**
 * Fetched and stored is a step: a run after a crash finds what an earlier one has stored, unless it has waited so long
 * that it may be gone.
 */
async function fetchOnce(run: DownloadRun, source: DetectedPlatform): Promise<DownloadResult> {
  for (let tries = 1; ; tries += 1) {
    let isNew = false
    const result = await run.context.step(`fetched ${tries}`, () => {
      isNew = true
      return fetchRecording(run, source)
    })
    if (isNew) return 'mediaId' in result ? await passStages(run, result) : result
    if (await isStillThere(run, result)) return await passStages(run, result)
  }
}

async function isStillThere({ deps: { db } }: DownloadRun, result: DownloadResult): Promise<boolean> {
  if ('mediaId' in result) return await isMediaThere(db, result.mediaId)
  return await stayStored(db, objectsOf(result.media), STORED_FOR_MS)
}

/** Where nothing is left to do, the stages are passed all the same: a watcher may wait for them. */
async function passStages({ context }: DownloadRun, result: DownloadResult): Promise<DownloadResult> {
  await context.enter('extracting_audio')
  await context.enter('uploading')
  return result
}
