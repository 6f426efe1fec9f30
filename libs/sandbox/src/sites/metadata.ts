import { type SiteFailure, sayingOf } from './failures.ts'
import { galleryJson, infoJson } from './info-json.ts'
import { type Post, readPost } from './posts.ts'
import type { Recording } from './recording.ts'

/** What a call of yt-dlp came to. */
export interface ProgramAnswer {
  exitCode: number
  stdout: string
  stderr: string
}

/** What tests may change about the platforms' posts. Addresses of one post are one. */
export interface MetadataControl {
  /** What a platform's address is refused with from now on. */
  refuse: (address: string, failure: SiteFailure) => void
  /** A platform's short link, and the post that it leads to. */
  shorten: (link: string, post: string) => void
  /** Makes a post a gallery of pictures and so many videos. */
  makeGallery: (address: string, videos: number) => void
  /** Sets fields of what `-J` says of a post: `{ duration: 9000 }`, `{ is_live: true }`. */
  amend: (address: string, fields: Record<string, unknown>) => void
  /** The arguments of each call of `yt-dlp -J` for a platform. */
  metadataCalls: readonly (readonly string[])[]
}

interface Known {
  failure?: SiteFailure
  videos?: number
  fields?: Record<string, unknown>
}

/** The platforms' side of `yt-dlp -J`. */
export function createMetadata(siteUrl: string, recording: Recording) {
  const known = new Map<string, Known>()
  const links = new Map<string, string>()
  const calls: (readonly string[])[] = []
  const learn = (address: string, what: Known) => {
    const key = keyOf(postAt(address))
    known.set(key, { ...known.get(key), ...what })
  }
  const control: MetadataControl = {
    refuse: (address, failure) => learn(address, { failure }),
    shorten: (link, post) => void links.set(link, post),
    makeGallery: (address, videos) => learn(address, { videos }),
    amend: (address, fields) => learn(address, { fields }),
    metadataCalls: calls,
  }
  const answer = (args: readonly string[]): ProgramAnswer => {
    calls.push(args)
    const askedUrl = args.at(-1) ?? ''
    const post = readPost(links.get(askedUrl) ?? askedUrl)
    if (!post) return failed(`ERROR: Unsupported URL: ${askedUrl}\n`)
    const { failure, videos, fields } = known.get(keyOf(post)) ?? {}
    if (failure !== undefined) return failed(sayingOf(post, failure))
    const facts = { post, askedUrl, recording, mediaUrl: `${siteUrl}/post/${keyOf(post)}` }
    const info = videos === undefined ? infoJson(facts) : galleryJson(facts, videos)
    return { exitCode: 0, stdout: `${JSON.stringify({ ...info, ...fields })}\n`, stderr: '' }
  }
  return { control, answer }
}

const failed = (stderr: string): ProgramAnswer => ({ exitCode: 1, stdout: '', stderr })

const keyOf = ({ platform, id }: Post) => `${platform}/${id}`

function postAt(address: string): Post {
  const post = readPost(address)
  if (!post) throw new Error(`${address} names no post of a platform`)
  return post
}
