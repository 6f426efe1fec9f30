import { runTool, ToolFailure } from '@app/media'
import {
  errorCode,
  errorMessage,
  type HealthNote,
  type Logger,
  type Metrics,
  type Part,
  PutOffError,
  repeating,
} from '@app/runtime'
import { versionAgeDays, versionWarning } from '../plan/version-age.ts'
import { findYtdlp, type YtdlpPlace } from './find-ytdlp.ts'
import { ytdlpEnvironment } from './ytdlp-environment.ts'

/** A yt-dlp that can be run. */
export interface Ytdlp {
  path: string
  version: string
}

export interface YtdlpVersions {
  part: Part
  /** PutOffError `ytdlp-missing`: clips wait for whoever installs or mends it. */
  current(): Promise<Ytdlp>
  /** Its version, and how old that is; or that there is none, which keeps nothing else from starting. */
  check(): Promise<HealthNote>
}

interface VersionOptions {
  place: YtdlpPlace
  log: Logger
  metrics: Metrics
  now?: () => number
}

/** Someone may have updated it meanwhile. */
const LOOK_EVERY_MS = 60 * 60_000
const TIMEOUT_MS = 30_000
const MISSING = 'ytdlp-missing'
const LOOK_AGAIN_MS = 60_000

/** Knows which yt-dlp is there and how old it is, and warns the operator of one that is too old to be of use. */
export function ytdlpVersions({ place, log, metrics, now = Date.now }: VersionOptions): YtdlpVersions {
  let known: Promise<Ytdlp> | undefined
  const ask = () =>
    lookForYtdlp(place, ({ message }) => log.warn({ reason: message }, 'yt-dlp does not start'))
  const current = () => {
    known ??= forgottenIfFailed(ask())
    return known
  }
  metrics.gauge({
    name: 'ytdlp_age_days',
    help: 'How old the yt-dlp is that clips are fetched with, by its version.',
    labelNames: ['version'],
    collect: async () => {
      const { version } = await current()
      const days = versionAgeDays(version, now())
      return days === undefined ? [] : [[{ version }, days]]
    },
  })
  return {
    current,
    part: repeating({ name: 'yt-dlp version', everyMs: LOOK_EVERY_MS, log, work: look }),
    async check() {
      try {
        const { version } = await current()
        return { healthNote: versionWarning(version, now()) ?? `yt-dlp ${version}` }
      } catch (error) {
        if (errorCode(error) !== MISSING) throw error
        return { healthNote: errorMessage(error) }
      }
    },
  }

  function forgottenIfFailed(asked: Promise<Ytdlp>): Promise<Ytdlp> {
    asked.catch(() => {
      if (known === asked) known = undefined
    })
    return asked
  }

  /** Until it is answered, what was known before holds. */
  async function look(): Promise<void> {
    try {
      const next = ask()
      const { path, version } = await next
      known = next
      const warning = versionWarning(version, now())
      if (warning) log.warn({ path, version }, warning)
      else log.info({ path, version }, 'yt-dlp')
    } catch (error) {
      known = undefined
      log.error({ reason: errorMessage(error) }, 'clips can not be fetched')
    }
  }
}

/**
 * Which one there is, asked now. PutOffError `ytdlp-missing` where there is none, or one that does not start: then
 * `onBroken` is told why, which users are not.
 */
export async function lookForYtdlp(
  place: YtdlpPlace,
  onBroken: (failure: ToolFailure) => void,
): Promise<Ytdlp> {
  const path = await findYtdlp(place)
  if (path === undefined) throw unusable('yt-dlp is not installed; npm run downloader -- update fetches it')
  const env = ytdlpEnvironment(path, { directory: place.home })
  const { stdout } = await runTool({
    command: path,
    args: ['--ignore-config', '--version'],
    timeoutMs: TIMEOUT_MS,
    env,
  }).catch((thrown: unknown) => {
    if (!(thrown instanceof ToolFailure)) throw thrown
    onBroken(thrown)
    throw unusable('yt-dlp does not start; npm run downloader -- update renews it')
  })
  return { path, version: stdout.trim().split('\n').at(-1)?.trim() ?? '' }
}

const unusable = (sentence: string) =>
  new PutOffError(MISSING, sentence, { waitingFor: 'yt-dlp', retryAfterMs: LOOK_AGAIN_MS })
