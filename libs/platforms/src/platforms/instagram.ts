import { definePlatform, idIn } from '../platform.ts'

/** Post, reel, TV; plain, below a user's name, or as an embed. `reels/audio/…` is a page about a sound. */
const POSTS = [/^(?:\/[^/]+)?\/(?:p|tv|reels?)\/(?!audio\/)(?<id>[\w-]+)(?:\/|$)/]
const STORY = /^\/stories\/(?<user>(?!highlights\/)[\w.]+)\/(?<id>\d+)(?:\/|$)/
const SHORT = /^\/share\/(?:(?:p|reel|tv)\/)?[\w-]+\/?$/

/** A gallery is one post: its first video is fetched, whichever picture the address points at. */
export const instagram = definePlatform({
  name: 'instagram',
  title: 'Instagram',
  hosts: ['instagram.com', 'instagr.am', 'ddinstagram.com'],
  read(url) {
    if (url.pathname.startsWith('/share/')) return SHORT.test(url.pathname) ? 'short-link' : undefined
    const story = STORY.exec(url.pathname)?.groups
    if (story?.id !== undefined) {
      return { id: story.id, canonicalUrl: `https://www.instagram.com/stories/${story.user}/${story.id}/` }
    }
    const id = idIn(url, POSTS)
    return id === undefined ? undefined : { id, canonicalUrl: `https://www.instagram.com/p/${id}/` }
  },
  // Its login wall comes early (yt-dlp#7221): ask less than elsewhere.
  options: { extractors: ['Instagram', 'instagram:story'], requestsPerMinute: 10 },
})
