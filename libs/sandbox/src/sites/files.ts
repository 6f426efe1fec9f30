import type { Recording } from './recording.ts'

/** Something that is served at a path. */
export interface SiteFile {
  type: string
  body: Buffer
  status?: number
  headers?: Record<string, string>
  /** Sent at this pace. */
  bytesPerSecond?: number
  /** The connection breaks after so many bytes, whatever was announced. */
  breaksAfter?: number
}

const MP4 = 'video/mp4'

/**
 * What stands at a path of its own accord: below `/post/`, what posts of platforms consist of; below `/files/` and in
 * pages, plain media of the web; and what goes wrong.
 */
export function fileAt(url: URL, recording: Recording): SiteFile | undefined {
  const [folder = '', name = ''] = url.pathname.split('/').slice(1)
  const file = url.pathname.split('/').at(-1) ?? ''
  const video = { type: MP4, body: recording.video }
  const asked = (key: string, otherwise: number) => Number(url.searchParams.get(key) ?? otherwise)
  switch (folder) {
    case 'post':
      return partOf(file, recording)
    case 'files':
      return partOf(file, recording) ?? (file.endsWith('.mp4') ? video : undefined)
    case 'page':
      return { type: 'text/html; charset=utf-8', body: Buffer.from(page(name)) }
    case 'go':
      return redirect(url.searchParams.get('to') ?? `/files/${name}.mp4`)
    case 'slow':
      return { ...video, bytesPerSecond: asked('bytesPerSecond', 10_000) }
    case 'broken':
      return { ...video, breaksAfter: asked('after', recording.video.length >> 1) }
    case 'status':
      return refusal(Number(name), url.searchParams.get('retryAfter'))
    default:
      return undefined
  }
}

export function redirect(to: string): SiteFile {
  return { type: 'text/plain', body: Buffer.from('elsewhere'), status: 302, headers: { location: to } }
}

function partOf(name: string, { video, picture, sound, thumbnail }: Recording): SiteFile | undefined {
  if (name === 'video.mp4') return { type: MP4, body: video }
  if (name === 'picture.mp4') return { type: MP4, body: picture }
  if (name === 'sound.m4a') return { type: 'audio/mp4', body: sound }
  return name.endsWith('.jpg') ? { type: 'image/jpeg', body: thumbnail } : undefined
}

/** What yt-dlp's generic extractor finds a video in. */
function page(name: string): string {
  return `<!doctype html><html lang="en"><head><title>${name}</title></head>
<body><video controls poster="/files/${name}.jpg"><source src="/files/${name}.mp4" type="video/mp4"></video></body></html>`
}

function refusal(status: number, retryAfter: string | null): SiteFile {
  const headers = retryAfter === null ? {} : { 'retry-after': retryAfter }
  return { type: 'text/plain', body: Buffer.from(`refused with ${status}`), status, headers }
}
