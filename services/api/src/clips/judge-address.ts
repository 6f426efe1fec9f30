import { checkUrl, type UrlRules } from '@app/net'
import { detectPlatform, type Platform } from '@app/platforms'
import { Refusal } from '../http/refusal.ts'

/** What a URL says by its text alone. */
export interface ClipAddress {
  /** As it was given. */
  url: string
  /** As it is to be fetched: other programs may read the given text differently. */
  address: string
  platform: string
  externalId: string | undefined
  /** Undefined for a short link: what is behind it is known when it is followed. */
  canonicalUrl: string | undefined
}

/**
 * Whether a URL may be asked for, without asking the network anything: a name that leads where nobody may go fails at
 * download. Refusals: `url_forbidden`, `url_unsupported`.
 */
export function judgeAddress(
  text: string,
  { rules, platforms }: { rules: UrlRules; platforms: readonly Platform[] },
): ClipAddress {
  const address = checkUrl(text, rules)
  const detected = detectPlatform(address, platforms)
  if (!detected) {
    const supported = platforms.map(({ title }) => title).join(', ')
    throw new Refusal(
      'url_unsupported',
      `This is no address of a post that can be fetched. Supported: ${supported}.`,
    )
  }
  const { platform, id: externalId, canonicalUrl } = detected
  return { url: text.trim(), address: address.href, platform, externalId, canonicalUrl }
}
