import type { Platform } from './platform.ts'
import { PLATFORMS } from './registry.ts'

/** What an address tells without anybody being asked. */
export interface DetectedPlatform {
  /** The platform's name. */
  readonly platform: string
  /** Absent for a short link, and for a plain media file. */
  readonly id?: string
  /** Absent for a short link: only who follows it learns which post it is. */
  readonly canonicalUrl?: string
}

/**
 * Whose post an address names, as far as its text says; undefined where it is nobody's, not an address, or one that names
 * no post (a profile, a hashtag). Looks at no network, and does not judge whether the address may be reached.
 */
export function detectPlatform(
  address: string | URL,
  platforms: readonly Platform[] = PLATFORMS,
): DetectedPlatform | undefined {
  const url = typeof address === 'string' ? URL.parse(address.trim()) : address
  const platform = url === null ? undefined : platformOf(url, platforms)
  if (url === null || platform === undefined) return undefined
  const id = platform.extractId(url)
  const canonicalUrl = platform.canonicalUrl(url)
  return {
    platform: platform.name,
    ...(id === undefined ? {} : { id }),
    ...(canonicalUrl === undefined ? {} : { canonicalUrl }),
  }
}

/**
 * The platform of an address that names a post of it. Whoever owns the host decides: a profile on Instagram is not taken
 * for some file of the web.
 */
export function platformOf(url: URL, platforms: readonly Platform[]): Platform | undefined {
  const owner = platforms.find((platform) => platform.owns(url))
  return owner?.detect(url) ? owner : undefined
}
