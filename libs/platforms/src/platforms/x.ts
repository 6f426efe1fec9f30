import { definePlatform, hostOf } from '../platform.ts'

const STATUS = /^\/(?:i\/web\/|[^/]+\/)?status(?:es)?\/(?<id>\d+)(?:\/video\/(?<nth>\d))?(?:\/|$)/

/**
 * X, once Twitter, and the mirrors of it that people share for their previews. A post may hold four videos: the address
 * says which; without a number it is the first. What a `t.co` link leads to may as well be another platform's post.
 */
export const x = definePlatform({
  name: 'x',
  title: 'X',
  hosts: ['x.com', 'twitter.com', 't.co', 'fxtwitter.com', 'vxtwitter.com', 'fixupx.com', 'fixvx.com'],
  read(url) {
    if (hostOf(url) === 't.co') return /^\/\w+\/?$/.test(url.pathname) ? 'short-link' : undefined
    const { id, nth } = STATUS.exec(url.pathname)?.groups ?? {}
    if (id === undefined) return undefined
    const which = nth !== undefined && nth > '1' ? `/video/${nth}` : ''
    return { id, canonicalUrl: `https://x.com/i/status/${id}${which}` }
  },
  options: { extractors: ['twitter', 'twitter:.*'] },
})
