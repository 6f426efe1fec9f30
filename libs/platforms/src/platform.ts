/** What differs between platforms when a post is fetched; everything else is the same for all of them. */
export interface PlatformOptions {
  /** yt-dlp's `--use-extractors`, so that a page of one platform is never read by another's reader. */
  readonly extractors: readonly string[]
  /** Further arguments of yt-dlp, for both metadata and download. */
  readonly ytdlpArgs: readonly string[]
  /** How often all our processes together ask this platform for metadata, at most. */
  readonly requestsPerMinute: number
  /** Whether a post without a picture counts: a sound file does, a gallery with music does not. */
  readonly acceptsSoundOnly: boolean
}

/** How a post is fetched, by its platform's options: for most by yt-dlp, which services/downloader runs. */
export interface Fetcher<Metadata, Files> {
  metadata(url: string, options: PlatformOptions): Promise<Metadata>
  download(metadata: Metadata, options: PlatformOptions): Promise<Files>
}

/** A place that posts are fetched from: what its addresses look like, and what it wants when it is asked. */
export interface Platform {
  /** As stored and shown by the API: lower case, one word. */
  readonly name: string
  /** As people write it. */
  readonly title: string
  /** Whether the address is at one of its hosts, whatever it names there. */
  owns(url: URL): boolean
  /** Whether the address is one of a post, or a short link that leads to one. */
  detect(url: URL): boolean
  /** The post's id; undefined for a short link, which does not hold it. */
  extractId(url: URL): string | undefined
  /** The same text for every address of the same post; undefined for a short link. */
  canonicalUrl(url: URL): string | undefined
  /** What is known of a post: its names, its length, and the formats that there are. */
  fetchMetadata<Metadata, Files>(url: string, fetcher: Fetcher<Metadata, Files>): Promise<Metadata>
  /** The post's sound and picture, as files. */
  download<Metadata, Files>(metadata: Metadata, fetcher: Fetcher<Metadata, Files>): Promise<Files>
  readonly options: PlatformOptions
}

/** What an address names: the post's id and a canonical address for it, as far as the address holds them. */
export interface Post {
  readonly id: string
  readonly canonicalUrl: string
}

/** One platform's file: its hosts, how an address is read, and what differs from the usual options. */
export interface PlatformDefinition {
  readonly name: string
  readonly title: string
  /** Whether an address can be of this platform at all; a subdomain counts. */
  readonly hosts: readonly string[]
  /** The post an address names, `'short-link'` for one that redirects to a post, else undefined. */
  read(url: URL): Post | 'short-link' | undefined
  readonly options: Pick<PlatformOptions, 'extractors'> & Partial<PlatformOptions>
  /** Where the usual way does not serve. */
  readonly fetchMetadata?: Platform['fetchMetadata']
  readonly download?: Platform['download']
}

/** Makes a platform of its file. Thirty questions a minute are what a person who scrolls causes. */
export function definePlatform({ hosts, read, ...definition }: PlatformDefinition): Platform {
  const options = { ytdlpArgs: [], requestsPerMinute: 30, acceptsSoundOnly: false, ...definition.options }
  const postOf = (url: URL) => {
    const found = isOneOf(hosts, url) ? read(url) : undefined
    return found === 'short-link' ? undefined : found
  }
  return {
    fetchMetadata: (url, fetcher) => fetcher.metadata(url, options),
    download: (metadata, fetcher) => fetcher.download(metadata, options),
    ...definition,
    options,
    owns: (url) => isOneOf(hosts, url),
    detect: (url) => isOneOf(hosts, url) && read(url) !== undefined,
    extractId: (url) => postOf(url)?.id,
    canonicalUrl: (url) => postOf(url)?.canonicalUrl,
  }
}

/** Whether the address is at one of these hosts or below it, over http(s) and at the usual port. */
export function isOneOf(hosts: readonly string[], url: URL): boolean {
  if (!/^https?:$/.test(url.protocol) || url.port !== '') return false
  const host = hostOf(url)
  return hosts.some((known) => host === known || host.endsWith(`.${known}`))
}

/** The host without the dot of the root, which some programs write. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/\.$/, '')
}

/** What the first pattern that fits the path names `id`, of those that are given. */
export function idIn(url: URL, patterns: readonly RegExp[]): string | undefined {
  for (const pattern of patterns) {
    const id = pattern.exec(url.pathname)?.groups?.id
    if (id !== undefined) return id
  }
  return undefined
}
