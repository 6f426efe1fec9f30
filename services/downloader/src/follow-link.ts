import { checkUrl, guardedFetch, type Reach, UrlForbiddenError } from '@app/net'
import { type DetectedPlatform, detectPlatform, type Platform } from '@app/platforms'

interface FollowOptions {
  reach: Reach
  platforms: readonly Platform[]
  signal: AbortSignal
}

const MOST_HOPS = 6
const TIMEOUT_MS = 15_000
/** Short links are answered with a page of scripts where no browser seems to ask. */
const HEADERS = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  accept: 'text/html,*/*',
}

/**
 * Follows a short link until an address names its post. Only the redirects are read, each checked before it is followed.
 * Undefined where they lead to no post, or can't be followed: yt-dlp may know more. Error: `UrlForbiddenError`.
 */
export async function followLink(
  address: string,
  { reach, platforms, signal }: FollowOptions,
): Promise<DetectedPlatform | undefined> {
  let url = checkUrl(address, reach.rules)
  for (let hops = 0; hops < MOST_HOPS; hops += 1) {
    const target = await redirectOf(url, reach, signal)
    if (target === undefined) return undefined
    url = checkUrl(target, reach.rules)
    const found = detectPlatform(url, platforms) ?? detectPlatform(beforeLogin(url), platforms)
    if (found?.canonicalUrl !== undefined) return found
  }
  return undefined
}

async function redirectOf(url: URL, reach: Reach, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await guardedFetch(url, {
      ...reach,
      signal,
      timeoutMs: TIMEOUT_MS,
      redirects: 0,
      headers: HEADERS,
    })
    response.body.destroy()
    const location = response.headers.get('location')
    return location === null ? undefined : URL.parse(location, url.href)?.href
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof UrlForbiddenError) throw error
    return undefined
  }
}

/** A login page names where it would have led: `/accounts/login/?next=…`. */
function beforeLogin(url: URL): URL {
  const next = url.searchParams.get('next') ?? url.searchParams.get('redirect_url')
  return (next === null ? null : URL.parse(next, url.href)) ?? url
}
