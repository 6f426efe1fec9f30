import { z } from 'zod'

const text = z.string().optional().catch(undefined)
const number = z.coerce.number().optional().catch(undefined)
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined)

/** One way to get the post, as far as choosing among them needs it; whatever else stands there is kept for yt-dlp. */
const YtdlpFormat = z.looseObject({
  format_id: z.coerce.string(),
  url: text,
  ext: optional(text),
  protocol: optional(text),
  vcodec: optional(text),
  acodec: optional(text),
  width: optional(number),
  height: optional(number),
  filesize: optional(number),
  filesize_approx: optional(number),
  tbr: optional(number),
  abr: optional(number),
  language_preference: optional(number),
  format_note: optional(text),
  has_drm: z.unknown().optional(),
})
export type YtdlpFormat = z.infer<typeof YtdlpFormat>

const Thumbnail = z.object({ url: z.string(), width: optional(number), height: optional(number) })

/** The parts we read of `yt-dlp -J`. */
const YtdlpInfo = z.looseObject({
  _type: optional(text),
  id: optional(z.coerce.string()),
  title: optional(text),
  fulltitle: optional(text),
  description: optional(text),
  uploader: optional(text),
  uploader_id: optional(text),
  channel: optional(text),
  duration: optional(number),
  timestamp: optional(number),
  upload_date: optional(text),
  view_count: optional(number),
  like_count: optional(number),
  comment_count: optional(number),
  is_live: z.unknown().optional(),
  live_status: optional(text),
  availability: optional(text),
  direct: z.unknown().optional(),
  webpage_url: optional(text),
  extractor: optional(text),
  thumbnail: optional(text),
  thumbnails: optional(z.array(Thumbnail).catch([])),
  formats: optional(z.array(YtdlpFormat)),
})
type YtdlpInfo = z.infer<typeof YtdlpInfo>

/** What is known of a post before it is fetched. */
export interface Metadata {
  id?: string | undefined
  title?: string | undefined
  author?: string | undefined
  durationMs?: number | undefined
  isLive: boolean
  /** A plain file, not a page that one was found in. */
  isDirect: boolean
  webpageUrl?: string | undefined
  thumbnails: readonly { url: string; width?: number | undefined }[]
  formats: readonly YtdlpFormat[]
  /** What is kept of it with the clip. */
  info: Record<string, string | number>
  /** As yt-dlp gave it, for yt-dlp. */
  raw: YtdlpInfo
}

const MOST_TEXT = 5_000
const MOST_TITLE = 500
const LIVE = new Set(['is_live', 'is_upcoming', 'post_live'])

/**
 * Reads the JSON of `yt-dlp -J`. Of a gallery the first video: what it lacks (title, author) is the post's. Throws where
 * the JSON is none of yt-dlp's; answers undefined where the post holds no video at all.
 */
export function readMetadata(json: string): Metadata | undefined {
  const whole = JSON.parse(json) as { entries?: unknown[] }
  const post = YtdlpInfo.parse(whole)
  if (post._type !== 'playlist' && post._type !== 'multi_video') return toMetadata(post, post)
  const entries = (whole.entries ?? []).flatMap((entry) => YtdlpInfo.safeParse(entry).data ?? [])
  const first = entries.find(({ formats }) => formats && formats.length > 0) ?? entries[0]
  return first && toMetadata(first, post)
}

function toMetadata(video: YtdlpInfo, post: YtdlpInfo): Metadata {
  const author = video.uploader ?? video.channel ?? post.uploader ?? post.channel ?? video.uploader_id
  const stills = video.thumbnails?.length
    ? video.thumbnails
    : video.thumbnail
      ? [{ url: video.thumbnail }]
      : []
  return {
    id: post.id ?? video.id,
    title: clean(post.title ?? video.title, MOST_TITLE),
    author: clean(author, MOST_TITLE),
    durationMs: video.duration && video.duration > 0 ? Math.round(video.duration * 1000) : undefined,
    isLive: video.is_live === true || LIVE.has(video.live_status ?? ''),
    isDirect: video.direct === true,
    webpageUrl: post.webpage_url ?? video.webpage_url,
    thumbnails: stills,
    formats: video.formats ?? [],
    info: infoOf(video, post),
    raw: video,
  }
}

function infoOf(video: YtdlpInfo, post: YtdlpInfo): Record<string, string | number> {
  const publishedS = video.timestamp ?? post.timestamp
  const entries = {
    description: clean(post.description ?? video.description, MOST_TEXT),
    author_id: clean(video.uploader_id ?? post.uploader_id, MOST_TITLE),
    published_at: publishedS === undefined ? undefined : isoOf(publishedS),
    view_count: video.view_count,
    like_count: video.like_count,
    comment_count: video.comment_count,
    extractor: video.extractor ?? post.extractor,
  }
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Record<
    string,
    string | number
  >
}

function isoOf(seconds: number): string | undefined {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/** What Postgres' text can hold, and not without end; undefined for nothing. */
function clean(value: string | undefined, most: number): string | undefined {
  const text = value?.toWellFormed().replace(UNPRINTABLE, '').trim()
  return text ? [...text].slice(0, most).join('') : undefined
}

/** Control characters but tabs and line ends. */
const UNPRINTABLE = /(?![\t\n\r])\p{Cc}/gu
