/** What all runs of yt-dlp are told by configuration. */
export interface YtdlpSettings {
  /** `YYYY.MM.DD`; empty where it is not known. */
  version: string
  cookiesPath?: string | undefined
  /** As `--js-runtimes` takes it: `deno`, `node:/usr/bin/node`. */
  jsRuntime?: string | undefined
  /** Bytes a second. */
  limitRate?: string | undefined
  maxBytes: number
}

/**
 * The release that keeps cookies to the sites they are for. Those before send them wherever a file's address redirects
 * to (CVE-2023-35934).
 */
const KEEPS_COOKIES = '2023.07.06'

/** Whether a yt-dlp of this version may be given cookies. */
export const mayHaveCookies = (version: string): boolean => version >= KEEPS_COOKIES

interface PlatformArguments {
  extractors: readonly string[]
  ytdlpArgs: readonly string[]
}

export interface YtdlpRun extends PlatformArguments {
  settings: YtdlpSettings
}

/** The release that began to solve YouTube's challenges by a program of the machine's. */
const KNOWS_JS_RUNTIMES = '2025.11.12'

/**
 * Nothing from outside of these lines has a say: no configuration file, plugin or cache, no other program (`ffmpeg`, or
 * one that a `--exec` names), no file outside of the run's own folder.
 */
function planCommon({ settings, ytdlpArgs }: YtdlpRun): string[] {
  const { cookiesPath, jsRuntime, version } = settings
  return [
    ...['--ignore-config', '--no-cache-dir', '--no-update', '--no-exec', '--abort-on-error'],
    // Its proxy is in its environment.
    ...['--socket-timeout', '20', '--retries', '2', '--fragment-retries', '3'],
    // Reading a file's own references is what we never let ffmpeg do, so yt-dlp has none.
    ...['--ffmpeg-location', '/nonexistent', '--fixup', 'never', '--hls-prefer-native'],
    ...['--no-playlist', '--playlist-items', '1'],
    ...(cookiesPath === undefined ? [] : ['--cookies', cookiesPath]),
    ...(jsRuntime !== undefined && version >= KNOWS_JS_RUNTIMES ? ['--js-runtimes', jsRuntime] : []),
    ...ytdlpArgs,
  ]
}

/** What is known of an address, as one JSON on standard output. */
export function planMetadataArguments(run: YtdlpRun, url: string): string[] {
  // Any format will do: which one is fetched is chosen later.
  const json = ['--dump-single-json', '--no-progress', '--format', 'b*/bv*/ba*']
  return [...planCommon(run), '--use-extractors', run.extractors.join(','), ...json, '--', url]
}

/** Machine-readable, and told apart from whatever else is printed. */
export const PROGRESS_MARK = '@progress '

/** The formats of a prepared JSON, as `sound.<ext>` and `video.<ext>` in the current folder. */
export function planDownloadArguments(
  run: YtdlpRun,
  { infoPath, names }: { infoPath: string; names: readonly string[] },
) {
  const { limitRate, maxBytes } = run.settings
  return [
    ...planCommon(run),
    ...['--load-info-json', infoPath, '--format', names.join(','), '--output', '%(format_id)s.%(ext)s'],
    ...[
      '--no-continue',
      '--no-mtime',
      '--abort-on-unavailable-fragments',
      '--max-filesize',
      String(maxBytes),
    ],
    ...(limitRate === undefined ? [] : ['--limit-rate', limitRate]),
    ...[
      '--newline',
      '--progress-template',
      `download:${PROGRESS_MARK}%(info.format_id)s %(progress.downloaded_bytes)s %(progress.total_bytes,progress.total_bytes_estimate)s`,
    ],
  ]
}

/** Where one file's download stands. */
export interface FileProgress {
  name: string
  bytes: number
  totalBytes?: number
}

/** A line of the progress template; undefined for any other. */
export function parseProgress(line: string): FileProgress | undefined {
  if (!line.startsWith(PROGRESS_MARK)) return undefined
  const [name = '', bytes, total] = line.slice(PROGRESS_MARK.length).split(' ')
  const read = (text: string | undefined) =>
    text !== undefined && /^[\d.]+$/.test(text) ? Number(text) : undefined
  const totalBytes = read(total)
  return { name, bytes: read(bytes) ?? 0, ...(totalBytes ? { totalBytes } : {}) }
}

/** Of all files together, from 0 to 1: each counts alike, since their sizes are often not known before. */
export function shareDone(files: readonly FileProgress[], names: readonly string[]): number {
  const shares = names.map((name) => {
    const file = files.findLast((each) => each.name === name)
    return file?.totalBytes ? Math.min(1, file.bytes / file.totalBytes) : 0
  })
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, names.length)
}
