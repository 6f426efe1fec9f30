import { resolve } from 'node:path'
import type { Db } from '@app/db'
import type { FilteringProxy, Reach } from '@app/net'
import type { Platform } from '@app/platforms'
import type { ScratchDirectory } from '@app/runtime'
import type { ObjectStorage } from '@app/storage'
import type { z } from 'zod'
import type { downloaderConfig } from './downloader-config.ts'
import { type YtdlpFetch, type YtdlpFetcher, ytdlpFetcher } from './ytdlp/ytdlp-fetcher.ts'
import type { YtdlpVersions } from './ytdlp/ytdlp-version.ts'

export interface DownloadDeps {
  db: Db
  storage: Pick<ObjectStorage, 'putFile'>
  /** Those that addresses are recognised by; a test adds its own. */
  platforms: readonly Platform[]
  /** Where users may lead us. */
  reach: Reach
  fetcher: (fetch: YtdlpFetch) => YtdlpFetcher
  /** A folder of its own for each fetching, and the room on the disk that it may take. */
  scratch: Pick<ScratchDirectory, 'withFolder' | 'reserve'>
  /** What was fetched so long ago at most is used again. */
  reuseMs: number
  maxBytes: number
  maxDurationMs: number
  /** In place of what the platforms' files say. */
  requestsPerMinute?: number | undefined
}

type DownloaderConfig = {
  [Name in keyof typeof downloaderConfig]?: z.output<(typeof downloaderConfig)[Name]>
}

interface Parts extends Pick<DownloadDeps, 'db' | 'storage' | 'platforms' | 'reach' | 'scratch'> {
  proxy: Pick<FilteringProxy, 'admit'>
  ytdlp: Pick<YtdlpVersions, 'current'>
}

const HOUR_MS = 60 * 60_000

/** What the worker needs, from configuration and what was opened by it. */
export function downloadDeps(config: DownloaderConfig, { proxy, ytdlp, ...parts }: Parts): DownloadDeps {
  const maxBytes = Math.round((config.DOWNLOAD_MAX_MB ?? 500) * 1_000_000)
  const cookiesFile = config.YTDLP_COOKIES_FILE && resolve(config.YTDLP_COOKIES_FILE)
  const settings = {
    jsRuntime: config.YTDLP_JS_RUNTIME ?? `node:${process.execPath}`,
    limitRate: config.DOWNLOAD_LIMIT_RATE,
    maxBytes,
  }
  return {
    ...parts,
    fetcher: (fetch) => ytdlpFetcher({ current: ytdlp.current, proxy, settings, cookiesFile }, fetch),
    reuseMs: (config.MEDIA_REUSE_HOURS ?? 24) * HOUR_MS,
    maxBytes,
    maxDurationMs: (config.DOWNLOAD_MAX_MINUTES ?? 120) * 60_000,
    requestsPerMinute: config.DOWNLOADS_PER_MINUTE,
  }
}
