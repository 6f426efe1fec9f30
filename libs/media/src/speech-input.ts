import { FILE_TIMES, fileUrl, READ_ONLY_THIS, seconds } from './ffmpeg-args.ts'

/** One sound stream of a file, or a stretch of it; times count from the file's first timestamp. */
export interface SoundRange {
  filePath: string
  streamIndex: number
  startMs?: number | undefined
  endMs?: number | undefined
  /** All that lies before is read as well: ffmpeg misses places in this file, and only then knows where it is. */
  cannotSeek?: boolean
}

/** Containers without an index: ffmpeg goes where the bytes a second in the header lead. */
const WITHOUT_INDEX = /^(ac3|eac3|dts|wav|w64|aiff|au|sox|voc)$/

/** Bits of a sample: `pcm_s16le`, `pcm_f32le`, and 8 in `pcm_alaw`. */
const PCM = /^pcm_[a-z]+(\d*)/

interface SeekedStream {
  codec?: string | undefined
  channels?: number | undefined
  sampleRate?: number | undefined
  bitRate?: number | undefined
}

/**
 * Whether ffmpeg comes out where it should: not of a codec whose frames are no fixed time by that rate, nor where the rate
 * is false. In ADPCM WAV that ffmpeg itself has written it is a quarter of the way off; in raw AC-3 and DTS at 44.1 kHz,
 * seconds an hour.
 */
export function isSeekable(container: string, { codec = '', channels, sampleRate, bitRate }: SeekedStream) {
  if (!WITHOUT_INDEX.test(container)) return true
  const pcm = PCM.exec(codec)
  if (!pcm) return false
  if (!channels || !sampleRate || !bitRate) return true
  return bitRate === channels * sampleRate * Number(pcm[1] || 8)
}

/** Streams of packets with the clock of whoever sent them: the header's duration is the last one's time less the first one's. */
const WITH_CLOCK = /^(mpeg|mpegts|ogg)$/
/** A picture may last a little longer than the sound. */
const MOST_APART_MS = 1_000

interface Lengths {
  container?: string | undefined
  headerDurationMs?: number | undefined
  soundEndMs?: number | undefined
}

/**
 * Whether a file's clock jumps, as where recordings were joined by `cat`: ffmpeg closes jumps where it reads on, and is led
 * astray by them where it seeks. Of Ogg with Opus in it, it does not even find the end.
 */
export function clockJumps({ container = '', headerDurationMs, soundEndMs }: Lengths): boolean {
  if (soundEndMs === undefined || !WITH_CLOCK.test(container)) return false
  return headerDurationMs === undefined || Math.abs(headerDurationMs - soundEndMs) > MOST_APART_MS
}

/**
 * MP3 and AAC frames need their predecessors: the first ones after a seek decode to silence or noise.
 * So reading starts earlier, and what is too much is cut off after decoding.
 */
const PREROLL_MS = 1000
/** Longer than any recording: a broken clock must not fill the disk with silence. */
const LONGEST_RANGE_MS = 100 * 60 * 60_000

/** How far before the wanted start reading begins. */
export function prerollMs({ startMs = 0, cannotSeek }: Pick<SoundRange, 'startMs' | 'cannotSeek'>): number {
  return cannotSeek ? startMs : Math.min(PREROLL_MS, startMs)
}

/** Length of the wanted stretch; the longest there can be where it has no end. */
export function rangeMs({ startMs = 0, endMs }: Pick<SoundRange, 'startMs' | 'endMs'>): number {
  return Math.min(LONGEST_RANGE_MS, Math.max(0, (endMs ?? Number.POSITIVE_INFINITY) - startMs))
}

/** The arguments that open a stretch of sound: seeks before `-i`, since seeking after it decodes all that lies before. */
export function planInput(range: SoundRange): string[] {
  const { filePath, streamIndex, startMs = 0 } = range
  const leadMs = prerollMs(range)
  const seek = startMs > leadMs ? ['-ss', seconds(startMs - leadMs)] : []
  const length = range.endMs === undefined ? [] : ['-t', seconds(leadMs + rangeMs(range))]
  const tolerant = ['-max_error_rate', '1']
  return [
    ...READ_ONLY_THIS,
    ...FILE_TIMES,
    ...tolerant,
    ...seek,
    ...length,
    '-i',
    fileUrl(filePath),
    '-map',
    `0:${streamIndex}`,
  ]
}
