import path from 'node:path'

/**
 * What may be read. A list of allowed demuxers, not of forbidden ones: playlists and scripts (hls, dash,
 * concat, imf, sdp, lavfi, image2, …) read other files and addresses, and every ffmpeg release adds formats.
 * Pictures are let in to be told apart from noise: "a picture" beats "unreadable".
 */
const DEMUXERS = `
  aa aac aax ac3 aiff amr amrnb amrwb ape asf au avi caf dsf dts dtshd dv eac3 flac flv gsm ivf live_flv loas
  matroska mlp mov mp3 mpc mpc8 mpeg mpegts mpegvideo mxf nut ogg oma rm sln sox spdif swf tak truehd tta voc
  vqf w64 wav wtv wv xwma
  apng bmp_pipe gif gif_pipe jpeg_pipe png_pipe tiff_pipe webp_pipe`
  .trim()
  .split(/\s+/)

/** The largest single block a demuxer or decoder may ask for: a header can claim any size. */
export const MAX_ALLOC = ['-max_alloc', `${512 * 1024 ** 2}`]

/** For every ffmpeg run: no questions asked on a terminal, no banner, no summary, errors on stderr. */
export const QUIET = ['-nostdin', '-hide_banner', '-nostats', '-v', 'error', ...MAX_ALLOC]

/** The same for filters that report what they find on stderr, at level "info". */
export const REPORTING = QUIET.map((arg) => (arg === 'error' ? 'info' : arg))

/**
 * Reading options, before `-i`: this one local file and nothing it may refer to. One thread: our speed comes
 * from several jobs side by side, and threads multiply memory.
 */
export const READ_ONLY_THIS = [
  ...['-protocol_whitelist', 'file', '-format_whitelist', DEMUXERS.join(',')],
  ...['-threads', '1'],
]

/** A jump of the clock by more than this is none of time: a broken clock, or recordings joined end to end. */
export const LONGEST_GAP_MS = 10 * 60_000

/**
 * Input options: times are the file's own, from its first timestamp on. Left to itself, ffmpeg counts those of MPEG and Ogg
 * from the first of the streams that are read, and closes gaps of more than 10 s, unless it seeks: sound would be early in
 * one stretch and not in the next. The first it does only where nothing moves times, be it by a microsecond.
 */
export const FILE_TIMES = ['-itsoffset', '0.000001', '-dts_delta_threshold', String(LONGEST_GAP_MS / 1000)]

/** Output options to count samples: any channel will do, and there are rows of channels that ffmpeg can't mix. */
export const ONE_CHANNEL = ['-af', 'pan=mono|c0=c0']

/** `file:` and an absolute path: a name with a leading dash is no option, one with a colon no protocol. */
export function fileUrl(filePath: string): string {
  return `file:${path.resolve(filePath)}`
}

/** Seconds as ffmpeg wants them, without an exponent and exact to the microsecond. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(6)
}
