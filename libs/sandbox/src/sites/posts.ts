export type SitePlatform = 'instagram' | 'tiktok' | 'youtube' | 'facebook' | 'x'

/** A post of one of the platforms, by one of its addresses. */
export interface Post {
  platform: SitePlatform
  id: string
  /** The address that led here: yt-dlp's `webpage_url`. */
  url: string
}

/** yt-dlp's own patterns, shortened: enough for addresses that tests make up. */
const PATTERNS: readonly [SitePlatform, RegExp][] = [
  ['instagram', /^(?:www\.)?instagram\.com\/(?:[\w.]+\/)?(?:p|tv|reels?)\/([\w-]+)/],
  ['tiktok', /^(?:www\.|m\.)?tiktok\.com\/@[\w.-]*\/(?:video|photo)\/(\d+)/],
  [
    'youtube',
    /^(?:www\.|m\.)?(?:youtube\.com\/(?:watch\?(?:.*&)?v=|shorts\/|live\/|embed\/)|youtu\.be\/)([\w-]{11})/,
  ],
  ['facebook', /^(?:www\.|m\.|web\.)?facebook\.com\/(?:reel\/|watch\/\?v=|[^/]+\/videos\/)(\d+)/],
  ['x', /^(?:www\.|mobile\.)?(?:x|twitter)\.com\/\w+\/(?:web\/)?status\/(\d+)/],
]

/** Hosts whose metadata the stand-in answers for; every other address is the real yt-dlp's. */
export const PLATFORM_HOSTS = [
  ...['instagram.com', 'tiktok.com', 'youtube.com', 'youtu.be', 'facebook.com', 'fb.watch'],
  ...['x.com', 'twitter.com', 't.co'],
]

/** The post an address names, undefined where it names none. */
export function readPost(address: string): Post | undefined {
  const rest = address.replace(/^https?:\/\//, '')
  for (const [platform, pattern] of PATTERNS) {
    const id = pattern.exec(rest)?.[1]
    if (id !== undefined) return { platform, id, url: address }
  }
  return undefined
}
