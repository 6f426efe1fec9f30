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

/** What a browser is told a stored recording is, from what was found in it. */
export function planMediaType({ container, hasVideo }: Probed): { extension: string; contentType: string } {
  const [, type] = TYPES.find(([pattern]) => pattern.test(container)) ?? [undefined, UNKNOWN]
  return { extension: type.extension, contentType: hasVideo ? type.video : type.audio }
}

/** What a downloader calls the video that it keeps beside a clip's sound. */
const KEPT_VIDEO = /-video\.[^.]+$/

/** The same from a stored object's name, where storage keeps no content types of its own. */
export function contentTypeOf(objectKey: string): string {
  const extension = objectKey.split('.').at(-1)
  if (extension === 'jpg') return 'image/jpeg'
  const [, type] = TYPES.find(([, each]) => each.extension === extension) ?? [undefined, UNKNOWN]
  return KEPT_VIDEO.test(objectKey) ? type.video : type.audio
}
