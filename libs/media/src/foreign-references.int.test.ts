import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { fileUrl, QUIET, READ_ONLY_THIS } from './ffmpeg-args.ts'
import { inspectMedia } from './inspect.ts'
import { runTool } from './run-tool.ts'
import { withDataIn } from './testing/external-data.ts'
import { type MediaLab, mediaLab, risingTone } from './testing/media-lab.ts'

let lab: MediaLab
let site: Server
let base: string
const requests: string[] = []

beforeAll(async () => {
  lab = await mediaLab()
  // Ours, and not to be read: real sound, so that whoever reads it gets somewhere.
  await lab.make('ours.wav', ...risingTone(1))
  await lab.make('ours.ts', ...risingTone(1))
  await lab.make('ours.mov', ...risingTone(1), '-c:a', 'pcm_s16le')
  const sound = await readFile(lab.path('ours.ts'))
  site = createServer((request, response) => {
    requests.push(request.url ?? '')
    response.end(sound)
  })
  site.listen(0, '127.0.0.1')
  await once(site, 'listening')
  base = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
})
afterAll(async () => {
  site.closeAllConnections()
  site.close()
  await lab[Symbol.asyncDispose]()
})
afterEach(() => {
  requests.length = 0
})

interface Trick {
  name: string
  /** What an upload called clip.mp4 says. */
  content: () => string | Buffer | Promise<Buffer>
  code: string
  found: string
  /** The options by which an ffmpeg that is not held back falls for it, and whether by the network. */
  bait?: { options: string[]; asks: boolean }
}

const hls = (target: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${target}\n#EXT-X-ENDLIST\n`
const xml = '<?xml version="1.0"?>\n'

const TRICKS: Trick[] = [
  {
    name: 'an HLS playlist of a file',
    content: () => hls(fileUrl(lab.path('ours.ts'))),
    code: 'media-playlist',
    found: 'an HLS or M3U playlist',
    bait: { options: ['-f', 'hls', '-allowed_extensions', 'ALL'], asks: false },
  },
  {
    name: 'an HLS playlist of an address',
    content: () => hls(`${base}/ours.ts`),
    code: 'media-playlist',
    found: 'an HLS or M3U playlist',
    bait: { options: ['-protocol_whitelist', 'file,http,tcp', '-f', 'hls'], asks: true },
  },
  {
    name: 'an HLS playlist whose key is a file',
    content: () =>
      hls(`${base}/a.ts`).replace(
        '#EXTINF',
        `#EXT-X-KEY:METHOD=AES-128,URI="file:${lab.path('ours.ts')}"\n#EXTINF`,
      ),
    code: 'media-playlist',
    found: 'an HLS or M3U playlist',
  },
  {
    name: 'a concat script of a file',
    content: () => `ffconcat version 1.0\nfile '${lab.path('ours.wav')}'\n`,
    code: 'media-playlist',
    found: 'an ffmpeg concat script',
    bait: { options: ['-f', 'concat', '-safe', '0'], asks: false },
  },
  {
    name: 'a concat script of an address',
    content: () => `ffconcat version 1.0\nfile '${base}/ours.ts'\n`,
    code: 'media-playlist',
    found: 'an ffmpeg concat script',
    bait: { options: ['-protocol_whitelist', 'file,http,tcp', '-f', 'concat', '-safe', '0'], asks: true },
  },
  {
    name: 'a DASH manifest',
    content: () =>
      `${xml}<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet><Representation id="1" mimeType="audio/mp4"><BaseURL>${base}/ours.ts</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    code: 'media-playlist',
    found: 'a DASH manifest',
  },
  {
    name: 'an SDP session',
    content: () => `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n`,
    code: 'media-playlist',
    found: 'an SDP session description',
  },
  {
    name: 'an SVG with links to a file and an address',
    content: () =>
      `${xml}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="file://${lab.path('ours.wav')}"/><image href="${base}/a.png"/></svg>`,
    code: 'media-no-audio',
    found: 'an SVG image',
  },
  {
    name: 'an index of subtitles that lie in a file beside it',
    content: () =>
      '# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 0\n',
    code: 'media-unreadable',
    found: 'plain text',
  },
  {
    name: 'subtitles',
    content: () => '1\n00:00:00,000 --> 00:00:01,000\nHello\n',
    code: 'media-unreadable',
    found: 'an SRT subtitle file',
  },
  {
    name: 'a QuickTime header whose sound lies in another file',
    content: async () => withDataIn(await readFile(lab.path('ours.mov')), 'ours.mov'),
    code: 'media-no-sound',
    found: 'none is there',
    bait: { options: ['-enable_drefs', '1'], asks: false },
  },
]

const upload = () => lab.path('clip.mp4')

it.each(TRICKS)('reads nothing that $name refers to', async ({ content, code, found }) => {
  await writeFile(upload(), await content())

  await expect(inspectMedia(upload())).rejects.toMatchObject({
    code,
    message: expect.stringContaining(found),
  })
  // Also where nobody had a look at it before.
  expect(await hear(READ_ONLY_THIS)).toBe(0)
  expect(requests).toEqual([])
})

it.each(TRICKS.flatMap((trick) => (trick.bait ? [{ ...trick, bait: trick.bait }] : [])))(
  'would read what $name refers to, were ffmpeg not held back',
  async ({ content, bait }) => {
    await writeFile(upload(), await content())

    expect(await hear(bait.options)).toBeGreaterThan(10_000)
    expect(requests.length > 0).toBe(bait.asks)
  },
)

/** How many bytes of sound come out of the upload. */
async function hear(options: readonly string[]): Promise<number> {
  const heard = lab.path('heard')
  await writeFile(heard, '')
  const args = [...QUIET, ...options, '-i', fileUrl(upload()), '-f', 's16le', '-y', fileUrl(heard)]
  await runTool({ command: 'ffmpeg', args, timeoutMs: 60_000 }).catch(() => {})
  return (await readFile(heard)).length
}
