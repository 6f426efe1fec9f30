import type { ClipFiles, SoundFormat } from './clip-files.ts'
import { FILE_TIMES, fileUrl, ONE_CHANNEL, QUIET, READ_ONLY_THIS, seconds } from './ffmpeg-args.ts'
import { jpegOutput } from './jpeg-output.ts'
import type { MediaProbe, MediaStream } from './media-probe.ts'

const COPY = ['-c:a', 'copy']
/** The index in front, so that a player begins before it has all of the file. */
const M4A = { extension: 'm4a', contentType: 'audio/mp4', muxer: ['-movflags', '+faststart', '-f', 'ipod'] }
const OGG = { extension: 'ogg', contentType: 'audio/ogg', muxer: ['-f', 'ogg'] }

/** Sound that browsers and recognisers take as it is; taking it over costs next to nothing and loses nothing. */
const KEPT: Readonly<Record<string, SoundFormat>> = {
  aac: { ...M4A, codec: COPY },
  opus: { ...OGG, codec: COPY },
  vorbis: { ...OGG, codec: COPY },
  mp3: { extension: 'mp3', contentType: 'audio/mpeg', muxer: ['-f', 'mp3'], codec: COPY },
  flac: { extension: 'flac', contentType: 'audio/flac', muxer: ['-f', 'flac'], codec: COPY },
}
/** Transparent for speech, and taken everywhere. */
const ENCODED = { ...M4A, codec: ['-c:a', 'aac', '-b:a', '128k'], encoded: { codec: 'aac' } }
const IN_STEREO = {
  ...{ ...ENCODED, codec: [...ENCODED.codec, '-ac', '2'] },
  encoded: { codec: 'aac', channels: 2, channelLayout: 'stereo' },
}

/** Lips and subtitles that are so far apart go unnoticed. */
const MOST_LATE_MS = 200
/** Later than this starts nothing but a broken clock. */
const LATEST_MS = 10 * 60_000
/** The silence before it, as sound: of a file that begins with its sound, all times would be early. */
const WITH_SILENCE = ['-af', 'aresample=async=1:first_pts=0']

/**
 * How a clip's sound is stored. It begins when the picture does: sound that starts late is encoded with the silence before
 * it. More than two channels become two where it is encoded anyway.
 */
export function planSound(
  { codec = '', channels = 2, startMs = 0 }: Pick<MediaStream, 'codec' | 'channels' | 'startMs'>,
  pictureStartMs = startMs,
): SoundFormat {
  const encoded = channels > 2 ? IN_STEREO : ENCODED
  const lateMs = startMs - pictureStartMs
  if (lateMs <= MOST_LATE_MS || lateMs > LATEST_MS) return KEPT[codec] ?? encoded
  return { ...encoded, codec: [...encoded.codec, ...WITH_SILENCE] }
}

const PLAYED_AS_IT_IS = /\b(?:mov|matroska)\b/
const IN_MP4 = new Set(['h264', 'hevc', 'av1', 'vp9', 'mpeg4'])
const SOUND_IN_MP4 = new Set(['aac', 'mp3', 'opus', 'flac', 'ac3', 'eac3'])

/** Whether a video is in a container that players don't take (MPEG-TS, FLV, AVI), and MP4 takes what is in it. */
export function fitsMp4({
  container,
  streams,
  audioStreamIndex,
}: Pick<MediaProbe, 'container' | 'streams' | 'audioStreamIndex'>): boolean {
  const video = streams.find(({ kind, isCover }) => kind === 'video' && !isCover)
  const sound = streams.find(({ index }) => index === audioStreamIndex)
  return (
    !PLAYED_AS_IT_IS.test(container) && IN_MP4.has(video?.codec ?? '') && SOUND_IN_MP4.has(sound?.codec ?? '')
  )
}

export interface ClipPass {
  files: ClipFiles
  probe: Pick<MediaProbe, 'headerDurationMs'> & { audioStreamIndex: number }
  sound: SoundFormat
  /** ffmpeg's reader for the picture, where that is a still. */
  stillFormat?: string | undefined
  soundOut: string
  thumbnailOut: string
  videoOut: string
}

const MAX_THUMBNAIL_PX = 1280
/** Past the black or the title that many videos begin with. */
const THUMBNAIL_AT_MS = 3_000
/** Behind the moment that was sought. */
const PICTURE_MS = 1_000
const COUNTED = [...ONE_CHANNEL, '-ar', '16000', '-f', 's16le', '-y', 'file:/dev/null']

/**
 * One ffmpeg for all of it. The first output goes nowhere: its bytes are what `countSound` counts. Sound is demuxed and
 * decoded once. The picture has an input of its own, also where it is the same file: there reading starts at a keyframe
 * and ends with one frame, and the sound's reading skips the video undecoded.
 */
export function planClipPass(pass: ClipPass): string[] {
  const { files, probe, sound } = pass
  const paths = files.videoPath ? [files.soundPath, files.videoPath] : [files.soundPath]
  const tolerant = [...FILE_TIMES, '-max_error_rate', '1']
  const ofSound = ['-map', `0:${probe.audioStreamIndex}`]
  return [
    ...QUIET,
    ...paths.flatMap((path) => [...READ_ONLY_THIS, ...tolerant, '-i', fileUrl(path)]),
    ...pictureInput(pass),
    ...[...ofSound, ...COUNTED],
    ...[...ofSound, ...sound.codec, ...CLEAN, ...sound.muxer, '-y', fileUrl(pass.soundOut)],
    ...videoOutput(pass),
    ...pictureOutput(pass, paths.length),
    ...['-progress', 'pipe:1', '-stats_period', '5'],
  ]
}

/** No titles, places or programs of the source, and the same bytes each time. */
const CLEAN = ['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact']

function pictureInput({ files: { picture }, probe, stillFormat }: ClipPass): string[] {
  if (!picture) return []
  const atMs = Math.min(THUMBNAIL_AT_MS, (probe.headerDurationMs ?? 0) / 3)
  // Keyframes only, and the one before that moment rather than the frame at it. Reading ends soon after: ffmpeg would go on
  // decoding for an output that has its one frame already.
  const keyframe = [
    '-skip_frame',
    'nokey',
    '-noaccurate_seek',
    '-ss',
    seconds(atMs),
    '-t',
    seconds(PICTURE_MS),
  ]
  const how = stillFormat ? ['-f', stillFormat] : [...keyframe, '-an']
  return [...READ_ONLY_THIS, ...how, '-i', fileUrl(picture.path)]
}

function pictureOutput({ files: { picture }, thumbnailOut }: ClipPass, input: number): string[] {
  if (!picture) return []
  return ['-map', `${input}:v:0`, ...jpegOutput(thumbnailOut, MAX_THUMBNAIL_PX)]
}

function videoOutput({ files, probe, videoOut }: ClipPass): string[] {
  if (!files.videoPath) return []
  const streams = ['-map', '1:v:0', '-map', `0:${probe.audioStreamIndex}`, '-c', 'copy']
  return [...streams, ...CLEAN, '-movflags', '+faststart', '-f', 'mp4', '-y', fileUrl(videoOut)]
}
