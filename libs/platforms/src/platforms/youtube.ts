import { definePlatform, hostOf, idIn } from '../platform.ts'

const ID = '(?<id>[\\w-]{11})'
const POSTS = [new RegExp(`^/(?:shorts|live|embed|v|e)/(?!videoseries|live_stream)${ID}(?:[/&]|$)`)]
const SHORT_HOST = [new RegExp(`^/${ID}(?:[/&]|$)`)]

/** A video of a list is that video: the rest of the list is not asked for. */
export const youtube = definePlatform({
  name: 'youtube',
  title: 'YouTube',
  hosts: ['youtube.com', 'youtu.be', 'youtube-nocookie.com', 'youtubekids.com'],
  read(url) {
    const id = hostOf(url).endsWith('youtu.be') ? idIn(url, SHORT_HOST) : (watched(url) ?? idIn(url, POSTS))
    return id === undefined ? undefined : { id, canonicalUrl: `https://www.youtube.com/watch?v=${id}` }
  },
  options: { extractors: ['youtube'] },
})

/** The id in `watch?v=`, or in the address that a sharing link carries inside (`attribution_link?u=/watch?v=`). */
function watched(url: URL): string | undefined {
  if (url.pathname === '/attribution_link') {
    const inner = URL.parse(url.searchParams.get('u') ?? '', 'https://www.youtube.com')
    return inner === null || inner.pathname === url.pathname ? undefined : watched(inner)
  }
  if (!/^\/(?:watch(?:_popup)?(?:\.php)?\/?)?$/.test(url.pathname)) return undefined
  const id = url.searchParams.get('v') ?? ''
  return /^[\w-]{11}$/.test(id) ? id : undefined
}
