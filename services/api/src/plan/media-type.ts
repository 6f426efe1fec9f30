interface Probed {
  /** ffmpeg's names of the format. */
  container: string
  hasVideo: boolean
}

interface MediaType {
  extension: string
  audio: string
  video: string
}

/** By ffmpeg's format name: the first that matches. What isn't here is played by no browser anyway. */
const TYPES: readonly [RegExp, MediaType][] = [
  [/\bmp3\b/, { extension: 'mp3', audio: 'audio/mpeg', video: 'audio/mpeg' }],
  [/\b(mov|mp4)\b/, { extension: 'mp4', audio: 'audio/mp4', video: 'video/mp4' }],
  [/\bflac\b/, { extension: 'flac', audio: 'audio/flac', video: 'audio/flac' }],
  [/\b(wav|w64)\b/, { extension: 'wav', audio: 'audio/wav', video: 'audio/wav' }],
  [/\bogg\b/, { extension: 'ogg', audio: 'audio/ogg', video: 'video/ogg' }],
  [/\b(matroska|webm)\b/, { extension: 'webm', audio: 'audio/webm', video: 'video/webm' }],
  [/\baac\b/, { extension: 'aac', audio: 'audio/aac', video: 'audio/aac' }],
  [/\baiff\b/, { extension: 'aiff', audio: 'audio/aiff', video: 'audio/aiff' }],
  [/\bmpegts\b/, { extension: 'ts', audio: 'video/mp2t', video: 'video/mp2t' }],
]
const UNKNOWN: MediaType = {
  extension: 'bin',
  audio: 'application/octet-stream',
  video: 'application/octet-stream',
}

/** What a browser is told a stored recording is, from what was found in it, and what its name ends in. */
export function planMediaType({ container, hasVideo }: Probed): { ending: string; contentType: string } {
  const [, type] = TYPES.find(([pattern]) => pattern.test(container)) ?? [undefined, UNKNOWN]
  if (!hasVideo) return { ending: `.${type.extension}`, contentType: type.audio }
  return { ending: `-video.${type.extension}`, contentType: type.video }
}

/** Uploaded videos, and those that a downloader keeps beside a clip's sound. */
const VIDEO = /-video\.[^.]+$/

/** The same from a stored object's name, where storage keeps no content types of its own. */
export function contentTypeOf(objectKey: string): string {
  const extension = objectKey.split('.').at(-1)
  if (extension === 'jpg') return 'image/jpeg'
  const [, type] = TYPES.find(([, each]) => each.extension === extension) ?? [undefined, UNKNOWN]
  return VIDEO.test(objectKey) ? type.video : type.audio
}
