import { copyFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClipFiles } from '@app/media'
import type { FilteringProxy } from '@app/net'
import type { Fetcher, PlatformOptions } from '@app/platforms'
import { errorCode, type Logger } from '@app/runtime'
import { downloadFailure } from '../download-failure.ts'
import {
  type FileProgress,
  mayHaveCookies,
  parseProgress,
  planDownloadArguments,
  planMetadataArguments,
  shareDone,
  type YtdlpRun,
  type YtdlpSettings,
} from '../plan/plan-arguments.ts'
import { type FormatPlan, type FormatWishes, planFormats, planInfo, planRoom } from '../plan/plan-formats.ts'
import { type Metadata, readMetadata } from '../plan/read-metadata.ts'
import { runYtdlp, type YtdlpCall } from './run-ytdlp.ts'
import type { Ytdlp } from './ytdlp-version.ts'

export interface YtdlpFetcherDeps {
  current: () => Promise<Ytdlp>
  proxy: Pick<FilteringProxy, 'admit'>
  settings: Omit<YtdlpSettings, 'version' | 'cookiesPath'>
  /** In Netscape's form; yt-dlp is given a copy, for it writes to it. */
  cookiesFile?: string | undefined
}

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
/** Beside the media: pages, scripts, requests that are repeated. */
const OVERHEAD_BYTES = 64_000_000

export type YtdlpFetcher = Fetcher<Metadata, ClipFiles>

/** Fetches by yt-dlp, which runs twice: once for what there is, once for what was chosen of it. */
export function ytdlpFetcher(deps: YtdlpFetcherDeps, fetch: YtdlpFetch): YtdlpFetcher {
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
      return await filesOf({ directory, plan, still, log, keepVideo: wishes.keepVideo })
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

interface OneRun extends Pick<YtdlpFetch, 'directory' | 'signal' | 'log'> {
  options: PlatformOptions
  /** Of each file, and of all that comes in, but for what is asked besides. */
  maxBytes: number
}

/** With a proxy's leave of its own, which ends with the run, and a copy of the cookies. */
async function withYtdlp<T>(
  deps: YtdlpFetcherDeps,
  { directory, signal, log, maxBytes, options: { extractors, ytdlpArgs } }: OneRun,
  work: (run: YtdlpRun, call: Omit<YtdlpCall, 'args' | 'timeoutMs'>) => Promise<T>,
): Promise<T> {
  const { path, version } = await deps.current()
  const cookiesPath = await copyCookies(deps.cookiesFile, { directory, version, log })
  const proxy = deps.proxy.admit({ maxBytes: maxBytes + OVERHEAD_BYTES })
  try {
    const settings = { ...deps.settings, version, cookiesPath }
    const call = { path, directory, fileBytes: maxBytes, proxy, signal, log }
    return await work({ settings, extractors, ytdlpArgs }, call)
  } finally {
    proxy.close()
  }
}

async function copyCookies(
  file: string | undefined,
  { directory, version, log }: { directory: string; version: string; log: Logger },
): Promise<string | undefined> {
  if (file === undefined) return undefined
  if (!mayHaveCookies(version)) {
    log.warn({ version }, 'this yt-dlp gets no cookies: it would send them to other sites; update it')
    return undefined
  }
  const path = join(directory, 'cookies.txt')
  await copyFile(file, path)
  return path
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

interface Fetched {
  directory: string
  plan: FormatPlan
  still: string | undefined
  keepVideo: boolean
  log: Logger
}

async function filesOf({ directory, plan, still, keepVideo, log }: Fetched): Promise<ClipFiles> {
  const names = await readdir(directory)
  const pathOf = (name: string) => {
    const file = names.find((each) => each.startsWith(`${name}.`) && !/\.(?:part|ytdl|temp)/.test(each))
    return file && join(directory, file)
  }
  const soundPath = pathOf('sound')
  const videoPath = plan.video && pathOf('video')
  if (!soundPath || (plan.video && !videoPath)) {
    log.warn({ names }, 'yt-dlp ended well, without the files it was asked for')
    throw downloadFailure('network')
  }
  const picture = still ? { path: still, isStill: true } : { path: videoPath ?? soundPath, isStill: false }
  return { soundPath, picture, ...(videoPath && keepVideo ? { videoPath } : {}) }
}
