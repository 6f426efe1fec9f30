import type { Post, SitePlatform } from './posts.ts'
import type { Recording } from './recording.ts'

export interface InfoFacts {
  post: Post
  /** The address that yt-dlp was given; `post.url` is the one it led to. */
  askedUrl: string
  /** Where the formats of this post are served, without a slash at the end. */
  mediaUrl: string
  recording: Recording
}

type Fields = Record<string, unknown>

const EPOCH = 1_787_260_000
const USER_AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36'
const HEADERS = {
  'User-Agent': USER_AGENT,
  ...{ Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' },
  ...{ 'Accept-Language': 'en-us,en;q=0.5', 'Sec-Fetch-Mode': 'navigate' },
}
const AVC = 'avc1.4d4015'
const AAC = 'mp4a.40.2'

/** What `yt-dlp -J` prints of a post with one video: the fields of version 2026.08.19, with our addresses. */
export function infoJson(facts: InfoFacts): Fields {
  const { post, askedUrl } = facts
  const { extractor, extractor_key, ...own } = OF_PLATFORM[post.platform](facts)
  const formats = own.formats as Fields[]
  const best = formats.at(-1) ?? {}
  const { format_id, url, ext, protocol, width, height, vcodec, acodec } = best
  return {
    ...{ id: post.id, ...own },
    ...{ webpage_url: post.url, original_url: askedUrl, webpage_url_domain: new URL(post.url).hostname },
    ...{ webpage_url_basename: new URL(post.url).pathname.split('/').filter(Boolean).at(-1) ?? '' },
    ...{ extractor, extractor_key, playlist: null, playlist_index: null, display_id: post.id },
    ...{ fulltitle: own.title, thumbnail: `${facts.mediaUrl}/thumbnail.jpg`, requested_subtitles: null },
    ...{ _has_drm: null, epoch: EPOCH, upload_date: '20260801', timestamp: 1_785_542_400 },
    ...{ format_id, url, ext, protocol, width, height, vcodec, acodec, http_headers: HEADERS },
    ...{ _type: 'video', _version: VERSION },
  }
}

/** Of a post that is a gallery: a playlist of what in it is a video. */
export function galleryJson(facts: InfoFacts, videos: number): Fields {
  const { formats: _formats, ...post } = infoJson(facts)
  const entries = Array.from({ length: videos }, (_, at) => ({
    ...infoJson(facts),
    ...{ playlist: post.title, playlist_index: at + 1, n_entries: videos, playlist_count: videos },
  }))
  return { ...post, title: 'Post by sample.reels', _type: 'playlist', playlist_count: videos, entries }
}

const VERSION = {
  ...{ version: '2026.08.19', current_git_head: null, repository: 'yt-dlp/yt-dlp' },
  release_git_head: '594bd50c2c78ac432f81600d309fdc4e0a92d82c',
}

const OF_PLATFORM: Record<SitePlatform, (facts: InfoFacts) => Fields> = {
  instagram: (facts) => ({
    ...{ extractor: 'Instagram', extractor_key: 'Instagram', title: 'Video by sample.reels' },
    description: 'Two times at once. #dickens',
    ...{ channel: 'sample.reels', uploader: 'Sample Reels', uploader_id: '48213370001' },
    ...{ like_count: 1204, comment_count: 31, duration: seconds(facts) },
    thumbnails: [{ url: `${facts.mediaUrl}/thumbnail.jpg`, id: '0', width: 270, height: 480 }],
    formats: [muxed(facts, { format_id: '101', vcodec: AVC, acodec: null })],
  }),
  tiktok: (facts) => ({
    ...{ extractor: 'TikTok', extractor_key: 'TikTok', title: 'Two times at once #dickens' },
    ...{ description: 'Two times at once #dickens', track: 'original sound', artists: ['Sample Reader'] },
    ...{ channel: 'Sample Reader', channel_id: 'MS4wLjABAAAAsample', uploader: 'sample.reader' },
    ...{ uploader_id: '6974687867511718913', uploader_url: 'https://www.tiktok.com/@sample.reader' },
    ...{ view_count: 52_000, like_count: 3100, repost_count: 12, comment_count: 88 },
    duration: Math.round(seconds(facts)),
    thumbnails: [{ id: 'cover', url: `${facts.mediaUrl}/thumbnail.jpg`, preference: -1 }],
    formats: [
      muxed(facts, { format_id: 'download', format_note: 'watermarked', preference: -2 }),
      muxed(facts, { format_id: 'h264_540p_412094-0', vcodec: 'h264', acodec: 'aac', quality: 1 }),
    ],
  }),
  youtube: (facts) => ({
    ...{ extractor: 'youtube', extractor_key: 'Youtube', title: 'Two Times at Once' },
    ...{ description: 'The beginning of a long book.', channel: 'Sample Shorts', uploader: 'Sample Shorts' },
    ...{ channel_id: 'UCsample0000000000000000', uploader_id: '@sampleshorts', categories: ['Education'] },
    ...{ view_count: 9100, like_count: 410, age_limit: 0, is_live: false, was_live: false },
    ...{
      live_status: 'not_live',
      availability: 'public',
      media_type: 'short',
      duration: Math.ceil(seconds(facts)),
    },
    ...{ language: 'en', tags: ['dickens'], playable_in_embed: true, automatic_captions: {}, subtitles: {} },
    thumbnails: [{ url: `${facts.mediaUrl}/thumbnail.jpg`, preference: 0, id: '0', width: 270, height: 480 }],
    formats: [storyboard(facts), soundOnly(facts), pictureOnly(facts)],
  }),
  facebook: (facts) => ({
    ...{ extractor: 'facebook', extractor_key: 'Facebook', title: 'Two times at once' },
    ...{ description: 'Two times at once', uploader: 'Sample Page', uploader_id: '100064860875397' },
    ...{ view_count: 700, like_count: 19, concurrent_view_count: 0, duration: seconds(facts) },
    thumbnails: [{ url: `${facts.mediaUrl}/thumbnail.jpg`, id: '0' }],
    formats: [
      { ...pictureOnly(facts), format_id: '1195289147628387v', format_note: 'DASH video' },
      { ...soundOnly(facts), format_id: '1195289147628387a', format_note: 'DASH audio' },
      muxed(facts, { format_id: 'sd', quality: -3 }),
      muxed(facts, { format_id: 'hd', quality: -2 }),
    ],
  }),
  x: (facts) => ({
    ...{ extractor: 'twitter', extractor_key: 'Twitter', title: 'Sample Reader - Two times at once' },
    ...{ description: 'Two times at once https://t.co/sample', uploader: 'Sample Reader' },
    ...{ uploader_id: 'sample_reader', uploader_url: 'https://twitter.com/sample_reader', age_limit: 0 },
    ...{ like_count: 77, repost_count: 5, comment_count: 3, duration: seconds(facts) },
    thumbnails: [{ id: 'small', url: `${facts.mediaUrl}/thumbnail.jpg`, width: 270, height: 480 }],
    formats: [
      muxed(facts, { format_id: 'http-256', tbr: 256 }),
      muxed(facts, { format_id: 'http-832', tbr: 832 }),
    ],
  }),
}

const seconds = ({ recording }: InfoFacts) => recording.durationMs / 1000
const rate = (bytes: Buffer, facts: InfoFacts) => Math.round((bytes.length * 8) / seconds(facts)) / 1000

function format(fields: Fields): Fields {
  const common = { protocol: 'http', http_headers: HEADERS, dynamic_range: 'SDR' }
  return { ...common, ...fields, format: `${fields.format_id} - ${fields.resolution ?? 'unknown'}` }
}

/** Some platforms say nothing of codecs and sizes; yt-dlp then leaves the fields out or null. */
function muxed(facts: InfoFacts, fields: Fields): Fields {
  const { width, height } = facts.recording
  return format({
    ...{ url: `${facts.mediaUrl}/video.mp4`, ext: 'mp4', video_ext: 'mp4', audio_ext: 'none' },
    ...{ width, height, resolution: `${width}x${height}`, aspect_ratio: 0.56, ...fields },
  })
}

function pictureOnly(facts: InfoFacts): Fields {
  const { width, height, picture } = facts.recording
  return format({
    ...{ format_id: '134', format_note: '480p', url: `${facts.mediaUrl}/picture.mp4`, ext: 'mp4', fps: 15 },
    ...{ width, height, resolution: `${width}x${height}`, aspect_ratio: 0.56, container: 'mp4_dash' },
    ...{ vcodec: AVC, acodec: 'none', video_ext: 'mp4', audio_ext: 'none', filesize: picture.length },
    ...{ tbr: rate(picture, facts), vbr: rate(picture, facts), abr: 0, quality: 4, has_drm: false },
    downloader_options: { http_chunk_size: 10_485_760 },
  })
}

function soundOnly(facts: InfoFacts): Fields {
  const { sound } = facts.recording
  return format({
    ...{ format_id: '139', format_note: 'low', url: `${facts.mediaUrl}/sound.m4a`, ext: 'm4a', asr: 16_000 },
    ...{
      resolution: 'audio only',
      aspect_ratio: null,
      container: 'm4a_dash',
      audio_channels: 1,
      language: 'en',
    },
    ...{ vcodec: 'none', acodec: AAC, video_ext: 'none', audio_ext: 'm4a', filesize: sound.length },
    ...{ tbr: rate(sound, facts), abr: rate(sound, facts), vbr: 0, quality: 2, has_drm: false },
    downloader_options: { http_chunk_size: 10_485_760 },
  })
}

/** What YouTube lists among its formats and nobody can listen to. */
function storyboard({ mediaUrl }: InfoFacts): Fields {
  return format({
    ...{ format_id: 'sb0', format_note: 'storyboard', ext: 'mhtml', protocol: 'mhtml', resolution: '48x27' },
    ...{ url: `${mediaUrl}/storyboard.jpg`, vcodec: 'none', acodec: 'none', rows: 5, columns: 5, fps: 0.5 },
    ...{
      width: 48,
      height: 27,
      audio_ext: 'none',
      video_ext: 'none',
      fragments: [{ url: `${mediaUrl}/storyboard.jpg`, duration: 4 }],
    },
  })
}
