import { DownloadJob } from '@app/contracts'
import { objectsOf } from '@app/db'
import { defineWorker } from '@app/jobs'
import { checkUrl } from '@app/net'
import { type DetectedPlatform, detectPlatform } from '@app/platforms'
import type { DownloadDeps } from './download-deps.ts'
import { downloadFailure } from './download-failure.ts'
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
    const source = await sourceOf(run)
    const known = await knownMedia(run, source.canonicalUrl)
    const result = known ? await passStages(run, known) : await fetchOnce(run, source)
    const { platform } = detectPlatform(result.source.canonicalUrl, deps.platforms) ?? source
    return { ...result, platform }
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

/** Whose post it is, and its canonical URL as far as it can be known without asking the platform's reader. */
async function sourceOf({ job, deps, context }: DownloadRun): Promise<DetectedPlatform> {
  const { reach, platforms } = deps
  const url = checkUrl(job.input.url, reach.rules).href
  const found = detectPlatform(url, platforms)
  if (!found) throw downloadFailure('url_unsupported')
  if (found.canonicalUrl !== undefined) return found
  const { signal } = context
  const target = await context.step(
    'followed',
    async () => (await followLink(url, { reach, platforms, signal })) ?? null,
  )
  return target ?? found
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
