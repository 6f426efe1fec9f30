import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClipFiles } from '@app/media'
import type { Fetcher, PlatformOptions } from '@app/platforms'
import { errorCode, type Logger } from '@app/runtime'
import { downloadFailure } from '../download-failure.ts'
import {
  type FileProgress,
  parseProgress,
  planDownloadArguments,
  planMetadataArguments,
  shareDone,
} from '../plan/plan-arguments.ts'
import { type FormatPlan, type FormatWishes, planFormats, planInfo, planRoom } from '../plan/plan-formats.ts'
import { type Metadata, readMetadata } from '../plan/read-metadata.ts'
import { fetchedFiles } from './fetched-files.ts'
import { runYtdlp } from './run-ytdlp.ts'
import { withYtdlp, type YtdlpDeps } from './with-ytdlp.ts'

/** One clip's fetching. */
export interface YtdlpFetch {
  /** Its own, empty at first. */
  directory: string
  wishes: Omit<FormatWishes, 'acceptsSoundOnly' | 'hasStill'>
  signal: AbortSignal
  log: Logger
  /** Called once it is known what is fetched, with the bytes that may take; again with what more it turns out to take. */
  reserve: (bytes: number) => Promise<void>
  /** The platform's own picture as a file, if there is one that can be had. */
  fetchStill: (metadata: Metadata) => Promise<string | undefined>
  /** From 0 to 1. */
  onProgress: (share: number) => void
}

/** A page is read in seconds; a challenge may take half a minute. */
const METADATA_TIMEOUT_MS = 3 * 60_000
const DOWNLOAD_TIMEOUT_MS = 45 * 60_000
/** A long video with all its formats and subtitles' addresses has 2 MB. */
const MAX_METADATA_BYTES = 32_000_000

export type YtdlpFetcher = Fetcher<Metadata, ClipFiles>

/** Fetches by yt-dlp, which runs twice: once for what there is, once for what was chosen of it. */
export function ytdlpFetcher(deps: YtdlpDeps, fetch: YtdlpFetch): YtdlpFetcher {
  const { directory, signal, log, wishes } = fetch
  const { maxBytes } = wishes
  return {
    async metadata(url, options) {
      const { stdout } = await withYtdlp(deps, { ...fetch, options, maxBytes }, (run, call) =>
        runYtdlp({
          ...call,
          args: planMetadataArguments(run, url),
          timeoutMs: METADATA_TIMEOUT_MS,
          maxStdoutBytes: MAX_METADATA_BYTES,
        }),
      )
      const metadata = read(stdout, log)
      if (!metadata) throw downloadFailure('no_video')
      return metadata
    },

    async download(metadata, options) {
      const { plan, still } = await choose(metadata, options, fetch)
      const names = ['sound', ...(plan.video ? ['video'] : [])]
      const infoPath = join(directory, 'info.json')
      await writeFile(infoPath, JSON.stringify(planInfo(metadata, plan)))
      const watch = watcher(names, fetch.onProgress)
      await inItsRoom(plan, fetch, (bytes) =>
        withYtdlp(deps, { ...fetch, options, maxBytes: bytes }, (run, call) =>
          runYtdlp({
            ...call,
            args: planDownloadArguments(run, { infoPath, names }),
            timeoutMs: DOWNLOAD_TIMEOUT_MS,
            onStdoutLine: watch.take,
          }),
        ),
      )
      signal.throwIfAborted()
      if (watch.isTooLarge()) throw downloadFailure('too_large')
      return await fetchedFiles({ directory, plan, still, log, keepVideo: wishes.keepVideo })
    },
  }
}

/** In as much room as the platform's figures call for; where they were too low, once more in all that is allowed. */
async function inItsRoom(
  plan: FormatPlan,
  { reserve, log, wishes: { maxBytes } }: YtdlpFetch,
  work: (bytes: number) => Promise<unknown>,
): Promise<void> {
  const room = planRoom(plan, maxBytes)
  await reserve(room)
  try {
    await work(room)
  } catch (error) {
    if (errorCode(error) !== 'too_large' || room === maxBytes) throw error
    log.info({ room, maxBytes }, 'larger than the platform says')
    await reserve(maxBytes - room)
    await work(maxBytes)
  }
}

/** A video that would be fetched for its picture only is left where the platform has a picture to give. */
async function choose(metadata: Metadata, { acceptsSoundOnly }: PlatformOptions, fetch: YtdlpFetch) {
  const wishes = { ...fetch.wishes, acceptsSoundOnly, hasStill: false }
  const plan = planOrFail(metadata, wishes)
  const still = plan.video && !wishes.keepVideo ? await fetch.fetchStill(metadata) : undefined
  return still ? { plan: planOrFail(metadata, { ...wishes, hasStill: true }), still } : { plan, still }
}

function planOrFail(metadata: Metadata, wishes: FormatWishes): FormatPlan {
  const plan = planFormats(metadata, wishes)
  if ('refused' in plan) throw downloadFailure(plan.refused)
  return plan
}

function read(json: string, log: Logger): Metadata | undefined {
  try {
    return readMetadata(json)
  } catch (error) {
    log.warn({ err: error }, 'yt-dlp answered something that is not its JSON')
    throw downloadFailure('extractor_broken')
  }
}

function watcher(names: readonly string[], onProgress: (share: number) => void) {
  const latest = new Map<string, FileProgress>()
  let tooLarge = false
  return {
    isTooLarge: () => tooLarge,
    take(line: string) {
      // It ends well after that, without a file.
      if (/larger than max-filesize/i.test(line)) tooLarge = true
      const progress = parseProgress(line)
      if (!progress) return
      latest.set(progress.name, progress)
      onProgress(shareDone([...latest.values()], names))
    },
  }
}
