import { definePlatform, hostOf, idIn, isOneOf, type Post } from '../platform.ts'

const HOSTS = ['facebook.com', 'fb.com', 'fb.watch']
const VIDEOS = [/^\/reel\/(?<id>\d+)(?:\/|$)/, /^\/(?:[^/]+\/)?videos\/(?:[^/]+\/)?(?<id>\d+)(?:\/|$)/]
const POSTS = [/^\/[^/]+\/posts\/(?:[^/]+\/)?(?<id>pfbid\w+|\d+)(?:\/|$)/]
const GROUP_POSTS = [/^\/groups\/[^/]+\/(?:permalink|posts)\/(?:[\da-f]+\/)?(?<id>pfbid\w+|\d+)(?:\/|$)/]
const WATCH = /^\/(?:watch(?:\/live)?\/?|video\.php|video\/(?:video\.php|embed)|photo\.php)$/
const STORY = /^\/(?:story|permalink)\.php$/
const SHARED = /^\/share\/(?:[a-z]\/)?\w+\/?$/

/** Reels and videos are numbered together, so both have one form. */
export const facebook = definePlatform({
  name: 'facebook',
  title: 'Facebook',
  hosts: HOSTS,
  read: (url) => embedded(url) ?? shortLink(url) ?? videoOf(url) ?? storyOf(url) ?? postOf(url),
  options: { extractors: ['facebook', 'facebook:reel'] },
})

function shortLink(url: URL): 'short-link' | undefined {
  const path = hostOf(url) === 'fb.watch' ? /^\/(?:v\/)?[\w-]+\/?$/ : SHARED
  return path.test(url.pathname) ? 'short-link' : undefined
}

/** The player for other people's pages carries the post's own address. */
function embedded(url: URL): Post | 'short-link' | undefined {
  if (url.pathname !== '/plugins/video.php') return undefined
  const inner = URL.parse(url.searchParams.get('href') ?? '')
  if (inner === null || !isOneOf(HOSTS, inner)) return undefined
  return shortLink(inner) ?? videoOf(inner) ?? storyOf(inner) ?? postOf(inner)
}

function videoOf(url: URL): Post | undefined {
  const asked = WATCH.test(url.pathname)
    ? (url.searchParams.get('v') ?? url.searchParams.get('video_id') ?? '')
    : ''
  const id = /^\d+$/.test(asked) ? asked : idIn(url, VIDEOS)
  return id === undefined ? undefined : { id, canonicalUrl: `https://www.facebook.com/watch/?v=${id}` }
}

function storyOf(url: URL): Post | undefined {
  if (!STORY.test(url.pathname)) return undefined
  const id = url.searchParams.get('story_fbid') ?? ''
  const author = url.searchParams.get('id') ?? ''
  if (!/^(?:pfbid\w+|\d+)$/.test(id) || !/^\d+$/.test(author)) return undefined
  return { id, canonicalUrl: `https://www.facebook.com/${author}/posts/${id}` }
}

function postOf(url: URL): Post | undefined {
  const inGroup = idIn(url, GROUP_POSTS)
  const id = inGroup ?? idIn(url, POSTS)
  if (id === undefined) return undefined
  const [owner, group] = url.pathname.split('/').slice(1)
  const place = inGroup === undefined ? owner : `groups/${group}`
  return { id, canonicalUrl: `https://www.facebook.com/${place}/posts/${id}` }
}
