import { checkUrl, FetchError, guardedFetch, type Reach } from '@app/net'
import { type DetectedPlatform, detectPlatform, type Platform } from '@app/platforms'
import { downloadFailure } from './download-failure.ts'

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
 * Where they lead to no post, the first plain web address of them, if such are allowed, or undefined: yt-dlp may know
 * more. Errors: `UrlForbiddenError`, and the failures `network` and `rate_limited`, which may pass.
 */
export async function followLink(
  address: string,
  { reach, platforms, signal }: FollowOptions,
): Promise<DetectedPlatform | undefined> {
  let url = checkUrl(address, reach.rules)
  // Any address may be a file of the web, also another short link. The first is kept: what it redirects to may be signed for
  // minutes only.
  let generic: DetectedPlatform | undefined
  for (let hops = 0; hops < MOST_HOPS; hops += 1) {
    const target = await redirectOf(url, reach, signal)
    if (target === undefined) break
    url = checkUrl(target, reach.rules)
    const found = detectPlatform(url, platforms) ?? detectPlatform(beforeLogin(url), platforms)
    if (found?.canonicalUrl === undefined) continue
    if (found.platform !== 'generic') return found
    generic ??= found
  }
  return generic
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
    if (location !== null) return URL.parse(location, url.href)?.href
    if (response.status === 429) throw downloadFailure('rate_limited')
    if (response.status >= 500) throw downloadFailure('network')
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof FetchError)) throw error
    // A file, and no redirect.
    if (error.code === 'too_large') return undefined
    throw downloadFailure('network')
  }
}

/** A login page names where it would have led: `/accounts/login/?next=…`. */
function beforeLogin(url: URL): URL {
  const next = url.searchParams.get('next') ?? url.searchParams.get('redirect_url')
  return (next === null ? null : URL.parse(next, url.href)) ?? url
}
