import { z } from 'zod'
import { rankAudio } from './choose-audio.ts'
import { cleanText } from './clean-text.ts'
import type { EmbeddedChapter, MediaProbe, MediaStream } from './media-probe.ts'

const MAX_STREAMS = 200
const MAX_TAGS = 200
const MAX_TAG_CHARS = 2000
/** Descriptions run long; OverDrive keeps a whole chapter list in one tag. */
const LONG_TAGS = /^(comment|description|synopsis|lyrics|overdrive mediamarkers)$/
const MAX_LONG_TAG_CHARS = 100_000
const MAX_TITLE_CHARS = 500
/** Twice as many as a book may have: some may lie too close together, and are joined. */
const MAX_MARKS = 10_000

const number = z.coerce.number().optional().catch(undefined)
const flags = z.record(z.string(), z.number()).catch({})
const tags = z.record(z.string(), z.coerce.string()).catch({})

const FfprobeStream = z.object({
  index: z.int(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  channels: number,
  channel_layout: z.string().optional(),
  sample_rate: number,
  bit_rate: number,
  width: number,
  height: number,
  duration: number,
  start_time: number,
  disposition: flags.optional(),
  tags: tags.optional(),
})

/** The parts we read of `ffprobe -of json`; numbers come as strings, and anything may be missing. */
const FfprobeReport = z.object({
  format: z.object({
    format_name: z.string(),
    duration: number,
    start_time: number,
    size: number,
    tags: tags.optional(),
  }),
  streams: z.array(FfprobeStream).default([]),
  chapters: z.array(z.object({ start_time: number, end_time: number, tags: tags.optional() })).default([]),
})

/** Turns ffprobe's report into ours. `warnings` is what ffprobe printed beside it. */
export function parseProbe(json: string, bytes: number, warnings = ''): MediaProbe {
  const { format, streams: found, chapters } = FfprobeReport.parse(JSON.parse(json))
  const streams = found.slice(0, MAX_STREAMS).map(toStream)
  const audio = rankAudio(streams)[0]
  const cover = streams.find((stream) => stream.isCover)
  const hasTooManyChapters = chapters.length > MAX_MARKS
  // Ogg keeps the recording's tags on the stream.
  const oggTags = format.format_name === 'ogg' ? found.find(({ index }) => index === audio?.index)?.tags : {}
  return {
    container: format.format_name,
    bytes,
    isDurationEstimated: /Estimating duration from bitrate/.test(warnings),
    startMs: ms(format.start_time) ?? 0,
    streams,
    hasVideo: streams.some((stream) => stream.kind === 'video' && !stream.isCover),
    tags: cleanTags({ ...oggTags, ...format.tags }),
    chapters: hasTooManyChapters ? [] : chapters.flatMap(toChapter),
    ...(hasTooManyChapters ? { hasTooManyChapters } : {}),
    ...present('headerDurationMs', positive(ms(format.duration))),
    ...present('audioStreamIndex', audio?.index),
    ...present('cover', cover && toCover(cover)),
  }
}

function toStream(stream: z.infer<typeof FfprobeStream>): MediaStream {
  const { disposition = {}, tags = {} } = stream
  const kind = stream.codec_type
  return {
    index: stream.index,
    kind: kind === 'audio' || kind === 'video' || kind === 'subtitle' ? kind : 'other',
    isDefault: disposition.default === 1,
    isCover: kind === 'video' && disposition.attached_pic === 1,
    isSpecial: ['comment', 'hearing_impaired', 'visual_impaired'].some((flag) => disposition[flag] === 1),
    ...present('codec', stream.codec_name === 'unknown' ? undefined : stream.codec_name),
    ...present('language', languageOf(tags.language)),
    ...present('title', tags.title && cleanText(tags.title, MAX_TITLE_CHARS)),
    ...present('durationMs', positive(ms(stream.duration))),
    ...present('startMs', ms(stream.start_time)),
    ...present('bitRate', positive(stream.bit_rate)),
    ...present('channels', positive(stream.channels)),
    ...present('channelLayout', stream.channel_layout),
    ...present('sampleRate', positive(stream.sample_rate)),
    ...present('width', positive(stream.width)),
    ...present('height', positive(stream.height)),
  }
}

function toChapter(chapter: z.infer<typeof FfprobeReport>['chapters'][number]): EmbeddedChapter[] {
  const startMs = ms(chapter.start_time)
  if (startMs === undefined) return []
  const title = cleanText(chapter.tags?.title ?? chapter.tags?.TITLE ?? '', MAX_TITLE_CHARS)
  return [{ startMs, endMs: ms(chapter.end_time) ?? startMs, ...present('title', title) }]
}

function toCover({ index, codec, width, height }: MediaStream) {
  return {
    streamIndex: index,
    ...present('codec', codec),
    ...present('width', width),
    ...present('height', height),
  }
}

function cleanTags(raw: Record<string, string>): Record<string, string> {
  const entries = Object.entries(raw)
    .slice(0, MAX_TAGS)
    .flatMap(([rawKey, rawValue]) => {
      const key = cleanText(rawKey, 100)?.toLowerCase()
      const value = cleanText(rawValue, key && LONG_TAGS.test(key) ? MAX_LONG_TAG_CHARS : MAX_TAG_CHARS)
      return key && value ? [[key, value] as const] : []
    })
  return Object.fromEntries(entries)
}

/** BCP 47 from what containers carry: "eng", "fre", "en-US"; undefined for "und" and for what is no language. */
export function languageOf(tag: string | undefined): string | undefined {
  try {
    const { language, region } = new Intl.Locale(tag?.trim().slice(0, 35) ?? '')
    if (!language || language.length > 3 || ['und', 'mul', 'zxx', 'mis'].includes(language)) return undefined
    return region ? `${language}-${region}` : language
  } catch {
    return undefined
  }
}

function ms(secondsValue: number | undefined): number | undefined {
  return secondsValue !== undefined && Number.isFinite(secondsValue)
    ? Math.round(secondsValue * 1000)
    : undefined
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined
}

/** An object with the one key, or none: optional properties are absent, never undefined. */
function present<K extends string, V>(key: K, value: V | undefined | ''): { [P in K]?: V } {
  return value === undefined || value === '' ? {} : ({ [key]: value } as { [P in K]?: V })
}
