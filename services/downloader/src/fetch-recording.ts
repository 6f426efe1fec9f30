import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RateLimit } from '@app/bus'
import type { ClipSource } from '@app/contracts'
import {
  type ClipFiles,
  type ExtractedClip,
  extractClip,
  isMediaRefusal,
  type MediaRefusal,
  ToolFailure,
} from '@app/media'
import { type DetectedPlatform, detectPlatform, type Platform } from '@app/platforms'
import { FatalError, RetryLaterError } from '@app/runtime'
import { diskFullForUsers, downloadFailure } from './download-failure.ts'
import type { DownloadResult, DownloadRun } from './download-run.ts'
import { fetchStill } from './fetch-still.ts'
import { knownMedia } from './known-media.ts'
import type { FailureCode } from './plan/failures.ts'
import type { Metadata } from './plan/read-metadata.ts'
import { type KeptVideo, storeRecording } from './store-recording.ts'
import type { YtdlpFetcher } from './ytdlp/ytdlp-fetcher.ts'

/** Of the progress bar: the download, then the rest. */
const DOWNLOAD_SHARE = 0.8

/** Fetches a post, takes it apart and stores it, in a folder of its own that is always removed. */
export async function fetchRecording(run: DownloadRun, found: DetectedPlatform): Promise<DownloadResult> {
  const { deps, context } = run
  try {
    // What it may take of the disk is declared once that is known.
    return await deps.scratch.withFolder(0, (directory) => fetchInto(directory, run, found))
  } catch (error) {
    throw diskFullForUsers(error, context.log)
  }
}

async function fetchInto(
  directory: string,
  run: DownloadRun,
  found: DetectedPlatform,
): Promise<DownloadResult> {
  const { deps, job, context } = run
  const platform = deps.platforms.find(({ name }) => name === found.platform)
  if (!platform) throw downloadFailure('url_unsupported')
  using reserved = new DisposableStack()
  const fetcher = fetcherOf(run, directory, reserved)
  const metadata = await askPlatform(run, platform, () =>
    platform.fetchMetadata(found.canonicalUrl ?? job.input.url, fetcher),
  )
  if (platform.name === 'generic' && !metadata.isDirect) throw downloadFailure('url_unsupported')
  const source = sourceFrom(metadata, found, run)
  const already = found.canonicalUrl === undefined ? await knownMedia(run, source.canonicalUrl) : undefined
  if (already) return already

  const files = await platform.download(metadata, fetcher)
  await context.enter('extracting_audio')
  const clip = await extract(run, files, directory)
  await context.enter('uploading')
  const video = job.input.keepVideo ? keptVideo(files, clip) : undefined
  return { source, media: await storeRecording(clip, video, { ...deps, signal: context.signal }) }
}

function fetcherOf(
  { deps, job, context }: DownloadRun,
  directory: string,
  reserved: DisposableStack,
): YtdlpFetcher {
  const { signal, log } = context
  const { maxBytes, maxDurationMs, reach } = deps
  return deps.fetcher({
    directory,
    wishes: { keepVideo: job.input.keepVideo ?? false, maxBytes, maxDurationMs },
    signal,
    log,
    // What is taken out of it is as large again at most.
    reserve: async (bytes) => void reserved.use(await deps.scratch.reserve(2 * bytes)),
    fetchStill: (metadata) => fetchStill(metadata, { reach, directory, signal, log }),
    onProgress: (share) => context.report(share * DOWNLOAD_SHARE),
  })
}

/** Asks at the platform's pace; where it says that this is too fast, nobody of ours asks for a while. */
async function askPlatform<T>(
  { deps, context }: DownloadRun,
  platform: Platform,
  ask: () => Promise<T>,
): Promise<T> {
  const permits = deps.requestsPerMinute ?? platform.options.requestsPerMinute
  const pace: RateLimit = { kind: 'rate', key: `platform/${platform.name}`, permits, perMs: 60_000 }
  await context.limits.take(pace)
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof RetryLaterError) || error.code !== 'rate_limited') throw error
    const { code, message, retryAfterMs } = error
    await context.limits.learn(pace, { status: 429, retryAfterMs }).catch((later: unknown) => {
      if (!(later instanceof RetryLaterError)) throw later
      throw new RetryLaterError(code, message, { retryAfterMs: Math.max(retryAfterMs, later.retryAfterMs) })
    })
    throw error
  }
}

function sourceFrom(metadata: Metadata, found: DetectedPlatform, { deps, job }: DownloadRun): ClipSource {
  const { id, title, author, webpageUrl, info } = metadata
  const canonicalUrl =
    found.canonicalUrl ??
    (webpageUrl === undefined ? undefined : detectPlatform(webpageUrl, deps.platforms)?.canonicalUrl)
  return {
    canonicalUrl: canonicalUrl ?? job.input.url,
    ...(id === undefined ? {} : { externalId: id }),
    ...(title === undefined ? {} : { title }),
    ...(author === undefined ? {} : { author }),
    info,
  }
}

/** What was wrong with the file, as users of URLs are told it. */
const REFUSALS: Readonly<Record<MediaRefusal, FailureCode>> = {
  'media-empty': 'unreadable',
  'media-unreadable': 'unreadable',
  'media-playlist': 'unreadable',
  'media-no-audio': 'no_audio',
  'media-undecodable': 'unreadable',
  'media-no-sound': 'no_audio',
  'media-too-short': 'no_audio',
}

async function extract(
  { deps, job, context }: DownloadRun,
  files: ClipFiles,
  directory: string,
): Promise<ExtractedClip> {
  const { maxBytes, maxDurationMs } = deps
  // What was fetched may have the very names of what is taken out of it.
  const parts = join(directory, 'parts')
  await mkdir(parts, { mode: 0o700 })
  try {
    const clip = await extractClip(files, {
      ...{ directory: parts, maxFileBytes: maxBytes, signal: context.signal },
      keepsVideo: job.input.keepVideo,
      judge: ({ headerDurationMs = 0 }) => {
        if (headerDurationMs > maxDurationMs) throw downloadFailure('too_long')
      },
    })
    if (clip.soundEndMs > maxDurationMs) throw downloadFailure('too_long')
    return clip
  } catch (error) {
    if (error instanceof ToolFailure && error.reason === 'too-much-output') throw downloadFailure('too_large')
    if (!(error instanceof FatalError) || !isMediaRefusal(error.code)) throw error
    context.log.warn({ code: error.code, found: error.message }, 'what was fetched can not be used')
    throw downloadFailure(REFUSALS[error.code])
  }
}

/** What players take: joined from two files, or put into MP4, or the one file as it came. The rest is for who knows it. */
function keptVideo({ soundPath }: ClipFiles, { videoPath, probe }: ExtractedClip): KeptVideo | undefined {
  if (videoPath) return { path: videoPath, extension: 'mp4', contentType: 'video/mp4' }
  if (!probe.hasVideo) return undefined
  const [container = 'video'] = probe.container.split(',')
  if (container === 'mov') return { path: soundPath, extension: 'mp4', contentType: 'video/mp4' }
  if (container === 'matroska') return { path: soundPath, extension: 'webm', contentType: 'video/webm' }
  return { path: soundPath, extension: container, contentType: 'application/octet-stream' }
}
