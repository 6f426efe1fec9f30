import { describe, expect, it } from 'vitest'
import { type FormatWishes, planFormats, planInfo, planRoom, planStill } from './plan-formats.ts'
import { type Metadata, readMetadata } from './read-metadata.ts'

type Given = Record<string, unknown>

const WISHES: FormatWishes = {
  ...{ keepVideo: false, maxBytes: 100_000_000, maxDurationMs: 600_000 },
  ...{ acceptsSoundOnly: false, hasStill: false },
}
const post = (formats: readonly Given[], more: Given = {}): Metadata =>
  readMetadata(JSON.stringify({ id: 'p', formats, ...more })) as Metadata
const sound = (format_id: string, more: Given = {}) => ({
  format_id,
  ext: 'm4a',
  vcodec: 'none',
  acodec: 'mp4a.40.2',
  protocol: 'https',
  ...more,
})
const video = (format_id: string, height: number, more: Given = {}) => ({
  format_id,
  ext: 'mp4',
  vcodec: 'avc1',
  acodec: 'none',
  width: (height * 16) / 9,
  height,
  protocol: 'https',
  ...more,
})
const whole = (format_id: string, height: number, more: Given = {}) =>
  video(format_id, height, { acodec: 'mp4a.40.2', ...more })

const YOUTUBE = post([
  {
    format_id: 'sb0',
    ext: 'mhtml',
    vcodec: 'none',
    acodec: 'none',
    protocol: 'mhtml',
    format_note: 'storyboard',
  },
  sound('139', { abr: 48 }),
  sound('140', { abr: 129 }),
  sound('251', { abr: 135, ext: 'webm', acodec: 'opus' }),
  sound('251-drc', { abr: 135, ext: 'webm', acodec: 'opus' }),
  sound('233', { protocol: 'm3u8_native' }),
  video('160', 144),
  video('134', 360),
  video('137', 1080),
  video('313', 2160, { vcodec: 'vp09' }),
  whole('18', 360, { tbr: 500 }),
])

/** The chosen formats' ids, as they will be called. */
function chosen(metadata: Metadata, wishes: Partial<FormatWishes> = {}) {
  const plan = planFormats(metadata, { ...WISHES, ...wishes })
  return 'refused' in plan ? plan : [plan.sound.format_id, ...(plan.video ? [plan.video.format_id] : [])]
}

describe('planFormats', () => {
  it.each<[string, Metadata, Partial<FormatWishes>, string[]]>([
    ['the best sound below 160 kbit/s, and a small video for the picture', YOUTUBE, {}, ['251', '134']],
    ['the sound alone, where the platform has a picture', YOUTUBE, { hasStill: true }, ['251']],
    ['sound and the largest video up to 1080 lines to be kept', YOUTUBE, { keepVideo: true }, ['251', '137']],
    [
      'the original rather than a dubbed language',
      post([
        sound('en', { abr: 128, language_preference: -1 }),
        sound('de', { abr: 64, language_preference: 10 }),
        video('v', 360),
      ]),
      {},
      ['de', 'v'],
    ],
    [
      'one file for all where sound does not come alone',
      post([whole('high', 1080), whole('low', 540), whole('tiny', 160)]),
      {},
      ['low'],
    ],
    [
      'the one with the largest picture to be kept',
      post([whole('high', 1080), whole('low', 540)]),
      { keepVideo: true },
      ['high'],
    ],
    [
      'upright video by its width',
      post([whole('hd', 1920, { width: 1080 }), whole('uhd', 3840, { width: 2160 })]),
      { keepVideo: true },
      ['hd'],
    ],
    [
      'one file rather than as large a video in pieces, to be kept',
      post([whole('hls', 720, { protocol: 'm3u8_native', tbr: 9_000 }), whole('http', 720, { tbr: 900 })]),
      { keepVideo: true },
      ['http'],
    ],
    [
      'what has no watermark',
      post([whole('download', 540, { format_note: 'Direct video, watermarked' }), whole('play', 1024)]),
      {},
      ['play'],
    ],
    [
      'one file rather than many pieces',
      post([
        sound('hls', { abr: 128, protocol: 'm3u8_native' }),
        sound('http', { abr: 64 }),
        video('v', 360),
      ]),
      {},
      ['http', 'v'],
    ],
    [
      'pieces, where there is nothing else',
      post([whole('hls', 480, { protocol: 'm3u8_native' })]),
      {},
      ['hls'],
    ],
    [
      'a plain file of which nothing is known',
      post([{ format_id: 'mp4', ext: 'mp4', vcodec: null, protocol: 'http' }], { direct: true }),
      {},
      ['mp4'],
    ],
    [
      'a plain sound file, where such count',
      post([{ format_id: 'mp3', ext: 'mp3', vcodec: 'none', protocol: 'http' }]),
      { acceptsSoundOnly: true },
      ['mp3'],
    ],
    [
      'sound and video apart rather than a small whole to be kept',
      post([sound('a', { abr: 96 }), video('v', 720), whole('w', 360)]),
      { keepVideo: true },
      ['a', 'v'],
    ],
  ])('takes %s', (_what, metadata, wishes, formats) => {
    expect(chosen(metadata, wishes)).toEqual(formats)
  })

  it.each<[string, Metadata, string]>([
    ['live', post([whole('w', 360)], { is_live: true }), 'live'],
    ['about to begin', post([whole('w', 360)], { live_status: 'is_upcoming' }), 'live'],
    ['too long', post([whole('w', 360)], { duration: 601 }), 'too_long'],
    ['too large, by what the platform says', post([whole('w', 360, { filesize: 100_000_001 })]), 'too_large'],
    ['too large, by its bit rate', post([whole('w', 360, { tbr: 2_000 })], { duration: 500 }), 'too_large'],
    ['a gallery with music', post([sound('music')]), 'no_video'],
    ['pictures only', post([]), 'no_video'],
    ['a picture that moves without sound', post([video('v', 360)]), 'no_audio'],
    ['protected against copies', post([whole('w', 360, { has_drm: true })]), 'no_video'],
    ['only to be had by another program', post([whole('w', 360, { protocol: 'rtmp' })]), 'no_video'],
  ])('refuses what is %s', (_what, metadata, refused) => {
    expect(chosen(metadata)).toEqual({ refused })
  })

  it('says how much there is to fetch, where it is known of all of it', () => {
    const known = post([sound('a', { filesize: 1_000 }), video('v', 360, { filesize_approx: 2_000 })])

    expect(planFormats(known, WISHES)).toMatchObject({ estimatedBytes: 3_000 })
    expect(planFormats(YOUTUBE, WISHES)).not.toHaveProperty('estimatedBytes')
  })
})

it.each([
  ['half as much again as the platform says, and a little', 100_000_000, 182_000_000],
  ['what is allowed at most', 400_000_000, 500_000_000],
  ['all that is allowed, where nothing is known', undefined, 500_000_000],
])('gives a download room for %s', (_what, estimatedBytes, room) => {
  const sized = estimatedBytes === undefined ? {} : { estimatedBytes }

  expect(planRoom(sized, 500_000_000)).toBe(room)
})

it('has yt-dlp fetch the chosen formats and nothing else, under names of ours', () => {
  const metadata = post(
    [sound('140', { url: 'https://cdn/a', http_headers: { Referer: 'r' } }), video('v', 360)],
    { webpage_url: 'https://page', extractor: 'youtube', automatic_captions: { en: [] } },
  )
  const plan = planFormats(metadata, WISHES)
  if ('refused' in plan) throw new Error(plan.refused)

  const info = planInfo(metadata, plan)

  expect(info).toMatchObject({ id: 'p', extractor: 'youtube' })
  expect(info.formats).toMatchObject([
    { format_id: 'sound', url: 'https://cdn/a', http_headers: { Referer: 'r' } },
    { format_id: 'video' },
  ])
  expect(info).not.toHaveProperty('webpage_url')
  expect(info).not.toHaveProperty('automatic_captions')
})

it.each<[string, Given, string | undefined]>([
  [
    'the largest up to ours',
    {
      thumbnails: [
        { url: 'https://a/1', width: 120 },
        { url: 'https://a/2', width: 1280 },
        { url: 'https://a/3', width: 1920 },
      ],
    },
    'https://a/2',
  ],
  [
    'the last of those without a size',
    { thumbnails: [{ url: 'https://a/1' }, { url: 'https://a/2' }] },
    'https://a/2',
  ],
  ['the only one', { thumbnail: 'https://a/0.jpg' }, 'https://a/0.jpg'],
  [
    'none that ffmpeg can not read',
    {
      thumbnails: [
        { url: 'https://a/1.jpg' },
        { url: 'https://a/2.heic?x=1' },
        { url: 'data:image/png;base64,x' },
      ],
    },
    'https://a/1.jpg',
  ],
  ['none where there is none', {}, undefined],
])('chooses of a platform’s pictures %s', (_what, given, url) => {
  expect(planStill(post([], given))).toBe(url)
})
