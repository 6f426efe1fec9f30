import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inTransaction } from '@app/db'
import { insertClip } from '@app/jobs'
import { probeMedia, runTool, storedProbe } from '@app/media'
import { urlRulesFrom } from '@app/net'
import { definePlatform, type Platform, platformsFor } from '@app/platforms'
import { createLogger, createMetrics, Secret, scratchDirectory } from '@app/runtime'
import { hasYtdlp } from '@app/sandbox'
import { storageFrom } from '@app/storage'
import { testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { download } from './download.ts'
import { type DownloadDeps, downloadDeps } from './download-deps.ts'
import { proxyPart } from './proxy-part.ts'
import { type YtdlpVersions, ytdlpVersions } from './ytdlp/ytdlp-version.ts'

/** yt-dlp looks at what it is, and then fetches it. */
const ONE_FETCH = 2

let folder: string
/** One for all, as a process has one: each would begin by asking for yt-dlp's version. */
let ytdlp: YtdlpVersions

describe.skipIf(!(await hasYtdlp()))('the downloader (needs yt-dlp)', () => {
  let site: Awaited<ReturnType<typeof localSite>>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scriptorium-download-test-'))
    const log = createLogger('test', 'silent')
    ytdlp = ytdlpVersions({ place: { home: folder }, log, metrics: createMetrics() })
    const clip = join(folder, 'clip.mp4')
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:d=2:r=10']
    const sound = [
      '-f',
      'lavfi',
      '-i',
      'sine=440:d=2',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-c:a',
      'aac',
    ]
    await runTool({ command: 'ffmpeg', args: ['-v', 'error', ...picture, ...sound, clip], timeoutMs: 60_000 })
    const stream = join(folder, 'clip.ts')
    const copied = ['-v', 'error', '-i', clip, '-c', 'copy', '-f', 'mpegts', stream]
    await runTool({ command: 'ffmpeg', args: copied, timeoutMs: 60_000 })
    site = await localSite(await readFile(clip), await readFile(stream))
  })

  afterAll(async () => {
    await site.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('fetches a clip, takes it apart, stores it, and passes every stage in order', async () => {
    await using world = await testWorld()
    await using downloader = await downloaderOf(world)
    const clip = await newClip(world, `${site.url}/clip.mp4?utm_source=x#t=1`)

    await world.drain([download], downloader.deps)

    expect(await stagesOf(world, clip.id)).toEqual([
      'pending',
      'downloading',
      'extracting_audio',
      'uploading',
      'transcribing',
    ])
    const row = await clipOf(world, clip.id)
    expect(row).toMatchObject({ canonical_url: `${site.url}/clip.mp4`, external_id: 'clip', title: 'clip' })
    const media = await mediaOf(world, row.media_id)
    const stored = (key: string | null) => join(downloader.storage, 'objects', key ?? 'none')
    const sound = await probeMedia(stored(media.object_key))
    expect(sound).toMatchObject({ hasVideo: false, streams: [{ codec: 'aac' }] })
    // The transcriber looks at it no more.
    const { index, kind, channels, channelLayout } = sound.streams[0] ?? {}
    expect(storedProbe(media.inspection)).toMatchObject({
      ...{ audioStreamIndex: 0, streams: [{ index, kind, channels, channelLayout }] },
    })
    expect((await readFile(stored(media.cover_key))).subarray(0, 2).toString('hex')).toBe('ffd8')
    expect(Number(media.duration_ms)).toBeGreaterThan(1_900)
    expect(await chapterOf(world, clip.id)).toMatchObject({
      ...{ media_id: media.id, start_ms: '0', end_ms: media.duration_ms },
    })
    expect(await world.db.selectFrom('storage_deletions').selectAll().execute()).toEqual([])
    expect(await readdir(downloader.scratch)).toEqual([])
  })

  it('keeps a video as one that players take, whatever it came in', async () => {
    await using world = await testWorld()
    await using downloader = await downloaderOf(world)
    const clip = await newClip(world, `${site.url}/stream.mp4`, { keep_video: true })

    await world.drain([download], downloader.deps)

    const media = await mediaOf(world, (await clipOf(world, clip.id)).media_id)
    expect(media.video_key).toMatch(/-video\.mp4$/)
    const kept = await probeMedia(join(downloader.storage, 'objects', media.video_key ?? 'none'))
    expect(kept).toMatchObject({ container: expect.stringContaining('mp4'), hasVideo: true })
    expect(kept.streams.map(({ codec }) => codec)).toEqual(['h264', 'aac'])
  })

  it('asks a site once for all who want the same, at once or later', async () => {
    await using world = await testWorld()
    await using downloader = await downloaderOf(world)
    const before = site.asked()
    const at = (query: string) => newClip(world, `${site.url}/clip.mp4${query}`)
    const clips = await Promise.all([at(''), at('?utm_medium=b'), at('?fbclid=c')])

    const workers = await world.start([download], downloader.deps, { concurrency: 3 })
    for (const { id } of clips) await reached(world, id, 'transcribing')
    await workers.stop()

    expect(site.asked() - before).toBe(ONE_FETCH)
    const rows = await Promise.all(clips.map(({ id }) => clipOf(world, id)))
    expect(new Set(rows.map((row) => row.media_id)).size).toBe(1)
  })

  it('fetches again what must be fetched again, and keeps one copy of the same bytes', async () => {
    await using world = await testWorld()
    await using downloader = await downloaderOf(world)
    const first = await newClip(world, `${site.url}/clip.mp4`)
    await world.drain([download], downloader.deps)
    const before = site.asked()
    const second = await newClip(world, `${site.url}/clip.mp4`, { force: true })

    await world.drain([download], downloader.deps)

    expect(site.asked() - before).toBe(ONE_FETCH)
    expect((await clipOf(world, second.id)).media_id).toBe((await clipOf(world, first.id)).media_id)
    const left = await world.db.selectFrom('storage_deletions').select('object_key').execute()
    expect(left).toHaveLength(2)
  })

  it('fetches and stores nothing again when its result could not be saved', async () => {
    await using world = await testWorld()
    await using downloader = await downloaderOf(world)
    const clip = await newClip(world, `${site.url}/clip.mp4`)
    const before = site.asked()

    await storeWithoutSaving(world, downloader)
    expect(await clipOf(world, clip.id)).toMatchObject({ status: 'uploading', media_id: null })
    await dueNow(world, clip.downloadId)
    await world.drain([download], downloader.deps)

    expect(await clipOf(world, clip.id)).toMatchObject({ status: 'transcribing' })
    expect(site.asked() - before).toBe(ONE_FETCH)
    expect(await world.db.selectFrom('media').select('id').execute()).toHaveLength(1)
    expect(await world.db.selectFrom('storage_deletions').selectAll().execute()).toEqual([])
  })

  it('fetches anew what was stored so long ago that it may be gone', async () => {
    await using world = await testWorld()
    await using downloader = await downloaderOf(world)
    const clip = await newClip(world, `${site.url}/clip.mp4`)
    const before = site.asked()
    await storeWithoutSaving(world, downloader)
    await world.db
      .updateTable('storage_deletions')
      .set({ delete_after: new Date(0) })
      .execute()

    await dueNow(world, clip.downloadId)
    await world.drain([download], downloader.deps)

    expect(await clipOf(world, clip.id)).toMatchObject({ status: 'transcribing' })
    expect(site.asked() - before).toBe(2 * ONE_FETCH)
  })

  it.each([
    ['leads to an address that nobody may reach', '/to-metadata', 'url_forbidden'],
    ['is gone', '/gone', 'removed'],
    ['is a page and no file', '/page', 'url_unsupported'],
    ['is larger than allowed', '/large.mp4', 'too_large'],
    ['is a playlist that claims to be a video', '/list.mp4', 'unreadable'],
  ])('fails a clip at once where its address %s', async (_what, path, code) => {
    await using world = await testWorld()
    await using downloader = await downloaderOf(world)
    const clip = await newClip(world, site.url + path)

    await world.drain([download], downloader.deps)

    expect(await clipOf(world, clip.id)).toMatchObject({ status: 'failed', error_code: code })
    expect(await readdir(downloader.scratch)).toEqual([])
    expect(await readdir(downloader.storage).catch(() => [])).toEqual([])
  })

  it('knows a platform that was added by one file and one line, with a way of its own to be asked', async () => {
    const loops = definePlatform({
      name: 'loops',
      title: 'Loops',
      hosts: ['loops.example'],
      read: (url) => ({ id: url.pathname.slice(1), canonicalUrl: `https://loops.example${url.pathname}` }),
      options: { extractors: ['generic'] },
      fetchMetadata: (url, fetcher) => fetcher.metadata(site.url + new URL(url).pathname, loops.options),
    })
    await using world = await testWorld()
    await using downloader = await downloaderOf(world, [loops])
    const clip = await newClip(world, 'https://www.loops.example/clip.mp4?utm_source=x')

    await world.drain([download], downloader.deps)

    expect(await clipOf(world, clip.id)).toMatchObject({
      ...{ status: 'transcribing', platform: 'loops', canonical_url: 'https://loops.example/clip.mp4' },
    })
  })
})

const newClip = (world: World, url: string, more: { force?: boolean; keep_video?: boolean } = {}) =>
  inTransaction(world.db, (trx) =>
    insertClip(trx, { owner_id: randomUUID(), url, platform: 'generic', ...more }),
  )

const clipOf = (world: World, id: string) =>
  world.db.selectFrom('clips').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

const mediaOf = (world: World, id: string | null) =>
  world.db
    .selectFrom('media')
    .selectAll()
    .where('id', '=', id ?? '')
    .executeTakeFirstOrThrow()

const dueNow = (world: World, jobId: string) =>
  world.db
    .updateTable('processing_jobs')
    .set({ run_at: new Date(0) })
    .where('id', '=', jobId)
    .execute()

const chapterOf = (world: World, id: string) =>
  world.db.selectFrom('chapters').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

async function stagesOf(world: World, id: string) {
  const rows = await world.db
    .selectFrom('clip_stages')
    .select('stage')
    .where('clip_id', '=', id)
    .orderBy('at')
    .execute()
  return rows.map(({ stage }) => stage)
}

const reached = (world: World, id: string, status: string) =>
  expect.poll(async () => (await clipOf(world, id)).status, { timeout: 60_000, interval: 50 }).toBe(status)

/** The worker's dependencies as main.ts wires them, with a disk of their own and the real yt-dlp. */
async function downloaderOf(world: World, more: readonly Platform[] = []) {
  const own = await mkdtemp(join(folder, 'world-'))
  const [storage, scratchRoot] = [join(own, 'storage'), join(own, 'scratch')]
  const reach = { rules: urlRulesFrom({ URL_ALLOWED_HOSTS: '127.0.0.1' }) }
  const proxy = proxyPart(reach, world.log)
  const scratch = scratchDirectory(scratchRoot, world.log)
  const config = { DOWNLOAD_MAX_MB: 1, DOWNLOADS_PER_MINUTE: 60_000 }
  const deps: DownloadDeps = downloadDeps(config, {
    db: world.db,
    storage: storageFrom({
      STORAGE_DIR: storage,
      SIGNING_SECRET: new Secret('s'),
      PUBLIC_URL: 'http://127.0.0.1',
    }),
    platforms: [
      ...platformsFor({ allowGenericUrls: false }),
      ...more,
      ...platformsFor({ allowGenericUrls: true }),
    ],
    ...{ ytdlp, reach, proxy, scratch },
  })
  const control = { signal: new AbortController().signal, fail: () => {} }
  for (const part of [scratch.part, proxy.part]) await part.start?.(control)
  return {
    ...{ deps, storage, scratch: scratch.path },
    async [Symbol.asyncDispose]() {
      for (const part of [proxy.part, scratch.part]) await part.stop?.()
    },
  }
}

/** Downloads and stores what waits, and is refused by the database at the very end. */
async function storeWithoutSaving(world: World, { deps }: { deps: DownloadDeps }): Promise<void> {
  await sql`alter table chapters rename to chapters_away`.execute(world.db)
  await world.drain([download], deps)
  await sql`alter table chapters_away rename to chapters`.execute(world.db)
}

/** A site with one clip and some traps; counts how often the clip was asked for. */
async function localSite(clip: Buffer, stream: Buffer) {
  let asked = 0
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://site').pathname
    const video = (length: number) =>
      response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': length })
    if (path === '/to-metadata')
      return response.writeHead(302, { location: 'http://169.254.169.254/x.mp4' }).end()
    if (path === '/page') return response.writeHead(200, { 'content-type': 'text/html' }).end('<p>words</p>')
    if (path === '/large.mp4') return video(5_000_000).end(Buffer.alloc(5_000_000))
    if (path === '/list.mp4')
      return video(43).end('#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname   \n\n\n'.slice(0, 43))
    if (path === '/stream.mp4') return video(stream.length).end(stream)
    if (path !== '/clip.mp4') return response.writeHead(404).end()
    asked += 1
    return video(clip.length).end(clip)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked: () => asked,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
