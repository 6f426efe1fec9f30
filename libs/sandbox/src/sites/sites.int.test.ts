import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { hasFlite, probeMedia } from '@app/media'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasYtdlp } from './has-ytdlp.ts'
import { type Sites, startSites } from './sites.ts'

const run = promisify(execFile)
const canRun = (await hasFlite()) && (await hasYtdlp())
const POSTS = [
  ['instagram', 'https://www.instagram.com/reel/ABC123xyz/', '101'],
  ['youtube', 'https://www.youtube.com/shorts/SZJvDhaSDnc', '134+139'],
] as const

describe.skipIf(!canRun)('the sites that play the platforms (needs yt-dlp, and flite)', () => {
  let sites: Sites
  let folder: string
  beforeAll(async () => {
    sites = await startSites()
    folder = await mkdtemp(path.join(tmpdir(), 'sites-test-'))
  })
  afterAll(async () => {
    await sites?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const ytdlp = (...args: string[]) => run(sites.ytdlpProgram, args, { cwd: folder, timeout: 60_000 })
  const infoOf = async (url: string) => JSON.parse((await ytdlp('--ignore-config', '-J', '--', url)).stdout)

  it.each(POSTS)('hand out a post of %s, which the real yt-dlp downloads', async (platform, url, formats) => {
    const info = await infoOf(url)
    await writeFile(path.join(folder, `${platform}.json`), JSON.stringify(info))

    const output = ['-o', `${platform}.%(ext)s`, '--no-part']
    await ytdlp('--ignore-config', '--load-info-json', `${platform}.json`, '-f', formats, ...output)

    expect(info).toMatchObject({ _type: 'video', webpage_url: url, display_id: info.id })
    const probe = await probeMedia(path.join(folder, `${platform}.mp4`))
    expect(Math.abs((probe.headerDurationMs ?? 0) - sites.recording.durationMs)).toBeLessThan(300)
    expect(probe.streams.map(({ kind }) => kind).toSorted()).toEqual(['audio', 'video'])
    expect(sites.served(`/post/${platform}/`)).toBe(formats.split('+').length)
  })

  it('hand out plain files, and a page that the real yt-dlp finds a video in', async () => {
    const file = await infoOf(`${sites.url}/go/one?to=/files/one.mp4`)
    const page = await infoOf(`${sites.url}/page/two`)

    expect(file).toMatchObject({ extractor: 'generic', webpage_url: `${sites.url}/files/one.mp4` })
    expect(JSON.stringify(page)).toContain(`${sites.url}/files/two.mp4`)
  })

  it('refuse a post as the platforms do', async () => {
    const url = 'https://www.youtube.com/watch?v=refused0000'
    sites.refuse('https://youtu.be/refused0000', 'youtube-bot')

    const refused = await ytdlp('-J', url).catch((error) => error)

    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(
      /^ERROR: \[youtube\] refused0000: Sign in to confirm you’re not a bot\. Use/,
    )
  })

  it('follow a short link, make a gallery of a post, and change what is said of one', async () => {
    sites.shorten('https://vm.tiktok.com/ZTR45GpSF/', 'https://www.tiktok.com/@a/video/71')
    sites.makeGallery('https://www.instagram.com/p/BQ0eAlwhDrw/', 0)
    sites.amend('https://x.com/a/status/72', { is_live: true })

    const link = await infoOf('https://vm.tiktok.com/ZTR45GpSF/')
    const gallery = await infoOf('https://www.instagram.com/p/BQ0eAlwhDrw/')
    const live = await infoOf('https://twitter.com/a/status/72')

    expect(link).toMatchObject({ id: '71', webpage_url: 'https://www.tiktok.com/@a/video/71' })
    expect(gallery).toMatchObject({ _type: 'playlist', entries: [] })
    expect(live).toMatchObject({ id: '72', is_live: true })
    expect(sites.metadataCalls.at(-1)).toEqual([
      '--ignore-config',
      '-J',
      '--',
      'https://twitter.com/a/status/72',
    ])
  })

  it('stop in the middle of a body for as long as is wanted, and go on from a range', async () => {
    const { promise: until, resolve: goOn } = Promise.withResolvers<void>()
    const paused = sites.next({ path: '/files/held.mp4', pause: { after: 1000, until } })
    const answer = fetch(`${sites.url}/files/held.mp4`).then((response) => response.arrayBuffer())
    await paused

    const rest = await fetch(`${sites.url}/files/held.mp4`, { headers: { range: 'bytes=1000-' } })
    goOn()

    const [whole, tail] = [Buffer.from(await answer), Buffer.from(await rest.arrayBuffer())]
    expect(rest.status).toBe(206)
    expect(whole.equals(sites.recording.video)).toBe(true)
    expect(whole.subarray(1000).equals(tail)).toBe(true)
    expect(sites.served('/files/held.mp4')).toBe(2)
  })

  it('break a body off, refuse with a time to come back, and serve what a test puts there', async () => {
    const broken = fetch(`${sites.url}/broken/one.mp4`).then((response) => response.arrayBuffer())
    const busy = await fetch(`${sites.url}/status/429?retryAfter=7`)
    sites.put('/odd.mp4', { type: 'video/mp4', body: Buffer.from('#EXTM3U\n') })

    await expect(broken).rejects.toThrow()
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '7'])
    expect(await (await fetch(`${sites.url}/odd.mp4`)).text()).toBe('#EXTM3U\n')
  })
})
