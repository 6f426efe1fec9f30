import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FilteringProxy } from '@app/net'
import type { PlatformOptions } from '@app/platforms'
import type { Logger } from '@app/runtime'
import { mayHaveCookies, type YtdlpRun, type YtdlpSettings } from '../plan/plan-arguments.ts'
import type { YtdlpCall } from './run-ytdlp.ts'
import type { Ytdlp } from './ytdlp-version.ts'

export interface YtdlpDeps {
  current: () => Promise<Ytdlp>
  proxy: Pick<FilteringProxy, 'admit'>
  settings: Omit<YtdlpSettings, 'version' | 'cookiesPath'>
  /** In Netscape's form; yt-dlp is given a copy, for it writes to it. */
  cookiesFile?: string | undefined
}

/** Beside the media: pages, scripts, requests that are repeated. */
const OVERHEAD_BYTES = 64_000_000

interface OneRun extends Pick<YtdlpCall, 'directory' | 'signal' | 'log'> {
  options: PlatformOptions
  /** Of each file, and of all that comes in, but for what is asked besides. */
  maxBytes: number
}

/** Runs the present yt-dlp with a proxy's leave of its own, which ends with the run, and a copy of the cookies. */
export async function withYtdlp<T>(
  deps: YtdlpDeps,
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
