/** What a file's first bytes say it is, where that is surely not a recording. */
export interface Finding {
  kind: 'playlist' | 'image' | 'text' | 'other'
  /** With its article, to stand after "this is". */
  what: string
}

/** As many bytes from the start of a file as `sniff` looks at. */
export const SNIFFED_BYTES = 4096

/**
 * Recognises what people upload by mistake or on purpose: saved error pages, pictures, archives, playlists.
 * Undefined means "ask ffprobe"; whatever could be sound or video must end there.
 */
export function sniff(head: Uint8Array): Finding | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, SNIFFED_BYTES))
  const signature = SIGNATURES.find(({ at = 0, magic }) => bytes.subarray(at).indexOf(magic) === 0)
  if (signature) return signature.finding
  const text = asText(bytes)
  return text === undefined ? undefined : sniffText(text)
}

const image = (what: string): Finding => ({ kind: 'image', what })
const other = (what: string): Finding => ({ kind: 'other', what })
const playlist = (what: string): Finding => ({ kind: 'playlist', what })
const text = (what: string): Finding => ({ kind: 'text', what })
const latin = (characters: string) => Buffer.from(characters, 'latin1')

const SIGNATURES: readonly { at?: number; magic: Buffer; finding: Finding }[] = [
  { magic: latin('\xff\xd8\xff'), finding: image('a JPEG image') },
  { magic: latin('\x89PNG\r\n\x1a\n'), finding: image('a PNG image') },
  { magic: latin('GIF8'), finding: image('a GIF image') },
  { at: 8, magic: latin('WEBP'), finding: image('a WebP image') },
  { magic: latin('II*\0'), finding: image('a TIFF image') },
  { magic: latin('MM\0*'), finding: image('a TIFF image') },
  { at: 4, magic: latin('ftypheic'), finding: image('a HEIC image') },
  { at: 4, magic: latin('ftypavif'), finding: image('an AVIF image') },
  { magic: latin('%PDF-'), finding: other('a PDF document') },
  { magic: latin('PK\x03\x04'), finding: other('a ZIP archive or an e-book') },
  { magic: latin('PK\x05\x06'), finding: other('an empty ZIP archive') },
  { magic: latin('\x1f\x8b'), finding: other('a gzip archive') },
  { magic: latin('7z\xbc\xaf\x27\x1c'), finding: other('a 7-Zip archive') },
  { magic: latin('Rar!\x1a\x07'), finding: other('a RAR archive') },
  { at: 257, magic: latin('ustar'), finding: other('a tar archive') },
  { magic: latin('\x7fELF'), finding: other('a program') },
  { magic: latin('MZ'), finding: other('a program') },
  { magic: latin('SQLite format 3\0'), finding: other('a database file') },
  { magic: latin('\xd0\xcf\x11\xe0'), finding: other('an Office document') },
]

const TEXTS: readonly [pattern: RegExp, finding: Finding][] = [
  [/^#EXTM3U/i, playlist('an HLS or M3U playlist')],
  [/^ffconcat version/i, playlist('an ffmpeg concat script')],
  [/^(#[^\n]*\n|\s)*file\s+['"]?\S/, playlist('an ffmpeg concat script')],
  [/^\[playlist\]/i, playlist('a PLS playlist')],
  [/^\[reference\]/i, playlist('an ASX playlist')],
  [/^<asx/i, playlist('an ASX playlist')],
  [/^v=0\r?\no=/, playlist('an SDP session description')],
  [/^(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<MPD[\s>]/i, playlist('a DASH manifest')],
  [/^(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<CompositionPlaylist/i, playlist('an IMF playlist')],
  [/^(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<(smil|playlist|wpl)[\s>]/i, playlist('a playlist')],
  [/^(rtsp|https?|file|ftp):\/\/\S+\s*$/im, playlist('a list of addresses')],
  [/^(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<svg[\s>]/i, image('an SVG image')],
  [/^(<!doctype html|<html|<head|<body)/i, text('an HTML page')],
  [/^<\?xml|^<[a-z]/i, text('an XML document')],
  [/^[[{]/, text('JSON')],
  [/^WEBVTT/, text('a WebVTT subtitle file')],
  [/^1\r?\n\d+:\d+:\d+[,.]\d+ -->/, text('an SRT subtitle file')],
]

function sniffText(content: string): Finding {
  const start = content.trimStart()
  const known = TEXTS.find(([pattern]) => pattern.test(start))
  return known ? known[1] : text('plain text')
}

/** UTF-8 without control characters; a character cut in half at the end is none of the file's fault. */
function asText(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return undefined
  const content = new TextDecoder('utf-8').decode(bytes, { stream: bytes.length === SNIFFED_BYTES })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: text is what has none of these.
  return /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(content) ? undefined : content
}
