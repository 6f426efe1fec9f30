import { definePlatform, hostOf, idIn } from '../platform.ts'

const POSTS = [
  /^\/@[^/]*\/(?:video|photo)\/(?<id>\d+)/,
  /^\/(?:share\/video|embed(?:\/v\d)?|player\/v\d|v)\/(?<id>\d+)/,
]
const SHORT_HOSTS = new Set(['vm.tiktok.com', 'vt.tiktok.com'])

/** The name before a post's id is decoration: TikTok and yt-dlp both take `_` for it. */
export const tiktok = definePlatform({
  name: 'tiktok',
  title: 'TikTok',
  hosts: ['tiktok.com', 'tiktokv.com'],
  read(url) {
    if (SHORT_HOSTS.has(hostOf(url))) return /^\/\w+\/?$/.test(url.pathname) ? 'short-link' : undefined
    if (/^\/t\/\w+\/?$/.test(url.pathname)) return 'short-link'
    const id = idIn(url, POSTS)
    return id === undefined ? undefined : { id, canonicalUrl: `https://www.tiktok.com/@_/video/${id}` }
  },
  options: { extractors: ['TikTok', 'vm.tiktok'] },
})
