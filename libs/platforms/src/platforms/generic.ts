import { definePlatform, type Platform } from '../platform.ts'

/** What says who clicked where, and nothing about what is served. */
const TRACKING = /^(?:utm_.*|fbclid|gclid|dclid|msclkid|twclid|ttclid|igshid|igsh|mc_[ce]id|_ga|si)$/

const isWeb = (url: URL) => /^https?:$/.test(url.protocol) && url.hostname !== ''

/** A media file anywhere on the web. It has no id but its address. */
export const generic: Platform = {
  ...definePlatform({
    name: 'generic',
    title: 'web address',
    hosts: [],
    read: () => undefined,
    // The sites are many.
    options: { extractors: ['generic'], acceptsSoundOnly: true, requestsPerMinute: 600 },
  }),
  owns: isWeb,
  detect: isWeb,
  canonicalUrl: normalised,
}

/** Without the fragment, which no server sees, and without what tracks; the rest of the query may be a signature. */
function normalised(url: URL): string {
  const plain = new URL(url)
  plain.hash = ''
  const tracking = [...plain.searchParams.keys()].filter((name) => TRACKING.test(name))
  // Deleting also rewrites what stays, so an address without such parameters is left as it was signed.
  for (const name of tracking) plain.searchParams.delete(name)
  return plain.href
}
