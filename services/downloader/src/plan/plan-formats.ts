import type { FailureCode } from './failures.ts'
import type { Metadata, YtdlpFormat } from './read-metadata.ts'

export interface FormatWishes {
  keepVideo: boolean
  maxBytes: number
  maxDurationMs: number
  /** A post without a picture counts. */
  acceptsSoundOnly: boolean
  /** The platform's own picture is here already: no video is needed for one. */
  hasStill: boolean
}

/** What is fetched. Without `video` the thumbnail is made of the sound's own file, if there is a picture in it. */
export interface FormatPlan {
  sound: YtdlpFormat
  video?: YtdlpFormat
  /** As far as the platform says it. */
  estimatedBytes?: number
}

export type PlannedFormats = FormatPlan | { refused: FailureCode }

/** Enough for a thumbnail, and for ears nothing changes. */
const SMALL_HEIGHT = 360
/** A kept video is for looking at on a screen; more costs many times the bytes. */
const KEPT_HEIGHT = 1080
/** Above this speech sounds no better. */
const ENOUGH_KBPS = 160
/** Formats that yt-dlp fetches by itself; the rest needs a program that we don't let it start. */
const FETCHABLE = /^(?:https?|m3u8(?:_native)?|http_dash_segments|ism)$/

/** Chooses what to fetch of a post, or says why nothing of it is fetched. */
export function planFormats(metadata: Metadata, wishes: FormatWishes): PlannedFormats {
  if (metadata.isLive) return { refused: 'live' }
  if ((metadata.durationMs ?? 0) > wishes.maxDurationMs) return { refused: 'too_long' }
  const formats = metadata.formats.filter(isFetchable)
  if (!wishes.acceptsSoundOnly && !formats.some(hasPicture)) return { refused: 'no_video' }
  const plan = chooseFormats(formats, wishes)
  if (!plan) return { refused: formats.some(hasPicture) ? 'no_audio' : 'no_video' }
  const estimatedBytes = estimate([plan.sound, ...(plan.video ? [plan.video] : [])], metadata.durationMs)
  if ((estimatedBytes ?? 0) > wishes.maxBytes) return { refused: 'too_large' }
  return { ...plan, ...(estimatedBytes === undefined ? {} : { estimatedBytes }) }
}

function chooseFormats(formats: readonly YtdlpFormat[], wishes: FormatWishes): FormatPlan | undefined {
  const whole = formats.filter((format) => hasPicture(format) && hasSound(format))
  const sound = best(
    formats.filter((format) => hasSound(format) && !hasPicture(format)),
    soundRank,
  )
  const pictures = formats.filter((format) => hasPicture(format) && !hasSound(format) && joinable(format))
  if (wishes.keepVideo) {
    const kept = best([...whole, ...(sound ? pictures : [])], largeRank)
    if (kept) return hasSound(kept) ? { sound: kept } : sound && { sound, video: kept }
  }
  if (!sound) {
    const small = best(whole, smallRank)
    return small && { sound: small }
  }
  const video = wishes.hasStill ? undefined : best(pictures, smallRank)
  if (video || wishes.hasStill) return { sound, ...(video ? { video } : {}) }
  const small = best(whole, smallRank)
  return { sound: small ?? sound }
}

/** Absent means unknown, which is what plain files say; `none` is what yt-dlp says of what is not there. */
const hasSound = ({ acodec, format_note: note }: YtdlpFormat) => acodec !== 'none' && note !== 'storyboard'
const hasPicture = ({ vcodec, ext }: YtdlpFormat) =>
  vcodec !== undefined
    ? vcodec !== 'none'
    : !/^(?:mp3|m4a|aac|ogg|oga|opus|wav|flac|wma|aiff?|caf)$/i.test(ext ?? '')

const isFetchable = (format: YtdlpFormat) =>
  FETCHABLE.test(format.protocol ?? 'https') &&
  format.has_drm !== true &&
  format.ext !== 'mhtml' &&
  (hasSound(format) || hasPicture(format))

/** MP4 takes these beside any sound of ours. */
const joinable = ({ vcodec = '' }: YtdlpFormat) => !/^(?:vp0?8|theora)/i.test(vcodec)

type Rank = (format: YtdlpFormat) => readonly number[]

/** The original language, one plain file rather than many pieces, and good enough for speech without being large. */
const soundRank: Rank = (format) => [
  format.language_preference ?? 0,
  -Number(format.format_id.endsWith('-drc')),
  -Number(isInPieces(format)),
  -Math.max(0, (kbps(format) ?? 0) - ENOUGH_KBPS),
  kbps(format) ?? 0,
]

/** Nearest to a small picture; without a watermark, and in one piece. */
const smallRank: Rank = (format) => [
  format.language_preference ?? 0,
  -Number(/watermark/i.test(format.format_note ?? '')),
  -Number(isInPieces(format)),
  -Math.abs((format.height ?? SMALL_HEIGHT) - SMALL_HEIGHT),
  -(format.tbr ?? 0),
]

/** The largest there is up to what screens show; of equals the one in one piece. */
const largeRank: Rank = (format) => [
  -Number(/watermark/i.test(format.format_note ?? '')),
  -Math.max(0, shortSide(format) - KEPT_HEIGHT),
  shortSide(format),
  -Number(isInPieces(format)),
  Number(/^(?:avc|h264)/i.test(format.vcodec ?? '')),
  Number(hasSound(format)),
  format.tbr ?? 0,
]

/** Upright videos are as wide as others are high. */
const shortSide = ({ width, height }: YtdlpFormat) => Math.min(height ?? 0, width ?? Number.POSITIVE_INFINITY)
const kbps = ({ abr, tbr }: YtdlpFormat) => abr ?? tbr
const isInPieces = ({ protocol = 'https' }: YtdlpFormat) => !/^https?$/.test(protocol)

/** The first of those whose rank is highest, compared figure by figure. */
function best(formats: readonly YtdlpFormat[], rank: Rank): YtdlpFormat | undefined {
  return formats.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)]
    const at = left.findIndex((figure, index) => figure !== right[index])
    return at === -1 ? 0 : (right[at] ?? 0) - (left[at] ?? 0)
  })[0]
}

function estimate(formats: readonly YtdlpFormat[], durationMs: number | undefined): number | undefined {
  const sizes = formats.map(({ filesize, filesize_approx: approximate, tbr }) => {
    const known = filesize ?? approximate
    return known ?? (tbr && durationMs ? (tbr * durationMs) / 8 : undefined)
  })
  return sizes.every((size) => size !== undefined)
    ? Math.round(sizes.reduce((sum, size) => sum + size, 0))
    : undefined
}

/** Bit rates are averages, and some platforms' sizes guesses. */
const ESTIMATE_MAY_BE_OFF_BY = 1.5
/** For what is never small: the tool's own files, and the first pieces of a stream. */
const LEAST_ROOM_BYTES = 32_000_000

/** The bytes that fetching what was planned may take at first; the most that is allowed where nothing is known of it. */
export function planRoom({ estimatedBytes }: Pick<FormatPlan, 'estimatedBytes'>, maxBytes: number): number {
  if (estimatedBytes === undefined) return maxBytes
  return Math.min(maxBytes, Math.ceil(estimatedBytes * ESTIMATE_MAY_BE_OFF_BY) + LEAST_ROOM_BYTES)
}

/** Of the platform's pictures the largest that is not larger than ours; of those without a size, the last: the best. */
export function planStill(metadata: Metadata): string | undefined {
  const usable = metadata.thumbnails.filter(
    ({ url }) => /^https?:/.test(url) && !/\.(?:heic|avif|gif|svg)(?:\?|$)/i.test(url),
  )
  const sized = usable.filter(({ width }) => width !== undefined && width <= 1280)
  const largest = sized.toSorted((a, b) => (b.width ?? 0) - (a.width ?? 0))[0]
  return (largest ?? usable.at(-1))?.url
}

/**
 * What `--load-info-json` is given: the chosen formats only, under names of ours, which become the files' names. Without
 * the page's address, which yt-dlp would otherwise ask anew when a download fails.
 */
export function planInfo({ raw }: Metadata, { sound, video }: FormatPlan): Record<string, unknown> {
  const keep = ['id', 'title', 'extractor', 'extractor_key', 'duration', 'http_headers', '_type', 'direct']
  const entries = keep.filter((key) => raw[key] !== undefined).map((key) => [key, raw[key]])
  const formats = [{ ...sound, format_id: 'sound' }, ...(video ? [{ ...video, format_id: 'video' }] : [])]
  return { ...Object.fromEntries(entries), formats }
}
