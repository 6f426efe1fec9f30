import { readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ClipMessage, type ClipResult } from '@app/contracts'
import { readStack } from '@app/infra'
import { hasFlite, probeMedia } from '@app/media'
import { hasYtdlp, type SiteFailure, startSites } from '@app/sandbox'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type ClipWorld, clipWorld } from './clip-world.ts'

const STAGES = [
  ...['pending', 'downloading', 'extracting_audio', 'uploading', 'transcribing', 'analyzing'],
  ...['generating_embeddings', 'storing', 'completed'],
]
/** Addresses of posts, and what their platforms say against handing them out. */
const REFUSED: [url: string, failure: SiteFailure, code: string][] = [
  ['https://www.instagram.com/p/private0001/', 'instagram-private', 'private'],
  ['https://www.instagram.com/p/pictures001/', 'no-video', 'no_video'],
  ['https://www.facebook.com/reel/41', 'facebook-login', 'login_required'],
  ['https://youtu.be/notforkids0', 'youtube-age', 'age_restricted'],
  ['https://youtu.be/notforhere0', 'youtube-region', 'region_blocked'],
  ['https://youtu.be/arobotaskss', 'youtube-bot', 'bot_check'],
  ['https://youtu.be/notyetthere', 'youtube-live', 'live'],
  ['https://x.com/someone/status/42', 'x-removed', 'removed'],
]
/**
 * Each good line is five runs of ffmpeg, so that CI has some; `CLIP_BATCH=500` is the whole measure, whose bookkeeping
 * services/api/src/routes/clip-batch.int.test.ts proves each time.
 */
const LINES = Number(process.env.CLIP_BATCH ?? 30)
const BATCH_MS = Math.max(240_000, LINES * 3_000)
const canRun = (await hasFlite()) && (await hasYtdlp())

describe.skipIf(!canRun)('a URL of a short video (needs yt-dlp, and ffmpeg with flite)', () => {
  let world: ClipWorld
  beforeAll(async () => {
    world = await clipWorld()
  })
  afterAll(() => world?.[Symbol.asyncDispose]())

  // The first one is heard; the others have the same sound, which nobody hears twice.
  it.each([
    ['Instagram', 'instagram', () => 'https://www.instagram.com/reel/ABC123xyz/'],
    ['TikTok', 'tiktok', () => 'https://www.tiktok.com/@sample.reader/video/6748451240264420610'],
    ['YouTube', 'youtube', () => 'https://www.youtube.com/shorts/SZJvDhaSDnc'],
    ['Facebook', 'facebook', () => 'https://www.facebook.com/reel/1195289147628387'],
    ['X', 'x', () => 'https://x.com/sample_reader/status/1790637656616943991'],
    ['a plain file behind a redirect', 'generic', () => `${world.sites.url}/go/a?to=/files/plain.mp4`],
  ])('of %s becomes sound, text, analysis and vectors, and is told of', async (_, platform, urlOf) => {
    const { clips, receiver } = world
    const url = urlOf()
    const created = await clips.create({ url, callback_url: receiver.url, metadata: { of: platform } })

    const end = await clips.ended(created.job_id)

    expect(created).toMatchObject({ status: 'pending', url })
    expect(end.error_message).toBeNull()
    expect(end.stages.map(({ stage }) => stage)).toEqual(STAGES)
    expect(await clips.status(created.job_id)).toMatchObject({ status: 'completed', platform, url })
    await expectWhole(await clips.result(created.job_id))
    const { type, data } = await toldOf(created.job_id)
    expect({ type, ...data }).toMatchObject({
      ...{ type: 'job.completed', status: 'completed', url, metadata: { of: platform }, error_code: null },
    })
  })

  it('that was fetched already is not fetched again, by whichever address it is asked for', async () => {
    const { sites } = world
    sites.shorten('https://vm.tiktok.com/ZTR45GpSF/', 'https://www.tiktok.com/@a/video/6748451240264420610')
    const before = sites.served('/post/')

    const clips = [
      await completed({ url: 'https://m.youtube.com/watch?v=SZJvDhaSDnc&t=1s' }),
      await completed({ url: 'https://vm.tiktok.com/ZTR45GpSF/' }),
    ]

    expect(clips.map(({ stages }) => stages.map(({ stage }) => stage))).toEqual([STAGES, STAGES])
    expect(sites.served('/post/')).toBe(before)
    await completed({ url: 'https://youtu.be/SZJvDhaSDnc', force: true })
    expect(sites.served('/post/')).toBeGreaterThan(before)
  })

  it.each([
    ['the metadata of a cloud', 'http://169.254.169.254/latest/meta-data/'],
    ['this machine', 'http://2130706433:5432/a.mp4'],
  ])('that names %s is refused at once', async (_, url) => {
    const refused = await world.clips.create({ url }).catch((error) => error)

    expect(refused).toMatchObject({ status: 422, code: 'url_forbidden' })
  })

  it.each([
    ['redirects to', () => `${world.sites.url}/go/a?to=http://169.254.169.254/latest/meta-data/`],
    ['has a name of', () => 'http://metadata.attacker.test/a.mp4'],
    ['has the name of a neighbour of', () => 'http://clips.attacker.test:8080/a.mp4'],
  ])('that %s a forbidden address fails, and says so', async (_, urlOf) => {
    const { clips } = world
    const { job_id } = await clips.create({ url: urlOf(), callback_url: world.receiver.url })

    const end = await clips.ended(job_id)

    expect(end).toMatchObject({ status: 'failed', error_code: 'url_forbidden' })
    expect(end.stages.map(({ stage }) => stage)).toEqual(['pending', 'downloading', 'failed'])
    expect((await clips.status(job_id)).error_message).toMatch(/^[A-Z].*[.]$/)
    expect(await toldOf(job_id)).toMatchObject({ type: 'job.failed', data: { error_code: 'url_forbidden' } })
  })

  it('is fetched to the same single result though its downloader is killed in the middle of it', async () => {
    const { sites, clips, scratch } = world
    await using others = await startSites({ says: 'We had everything before us.' })
    const [url, at] = ['https://x.com/i/status/900', '/post/x/900/video.mp4']
    sites.put(at, { type: 'video/mp4', body: others.recording.video })
    const { promise: until, resolve: goOn } = Promise.withResolvers<void>()
    const half = sites.next({ path: at, pause: { after: others.recording.video.length >> 1, until } })
    const before = await stored()
    const { job_id } = await clips.create({ url, callback_url: world.receiver.url })
    await half
    const killed = pidOf('downloader')

    process.kill(killed, 'SIGKILL')
    goOn()

    const end = await clips.ended(job_id)
    expect(end).toMatchObject({ status: 'completed', attempt: 1 })
    expect(end.stages.map(({ stage }) => stage)).toEqual(STAGES)
    await expectWhole(await clips.result(job_id), 'everything')
    expect(pidOf('downloader')).not.toBe(killed)
    expect(sites.served(at)).toBe(2)
    await toldOf(job_id)
    expect(messagesAbout(job_id)).toHaveLength(1)
    const after = await stored()
    expect(after.media - before.media).toBe(1)
    // None is new; what was noted before, for other clips, may be gone by now.
    expect(before.notes).toEqual(expect.arrayContaining(after.notes))
    expect(after.strays).toEqual([])
    expect(leftIn(scratch)).toEqual([])
  })

  it(`is one of ${LINES}, a tenth of them bad, and each is accounted for`, {
    timeout: BATCH_MS + 60_000,
  }, async () => {
    const { sites, clips } = world
    for (const [url, failure] of REFUSED) sites.refuse(url, failure)
    const { lines, good, atOnce, later } = batchOf(LINES)

    const { accepted, refused, results } = await clips.createMany(lines, { metadata: { batch: 'one' } })

    expect([accepted, refused, results.length]).toEqual([good + later, atOnce, LINES])
    expect(results.map(({ index, url }) => [index, url])).toEqual(lines.map((url, index) => [index, url]))
    const reasons = results.flatMap((line) => ('error' in line ? [line.error.code] : []))
    expect(new Set(reasons)).toEqual(new Set(['url_forbidden', 'url_unsupported']))
    const count = async (status: string) =>
      (await clips.list({ metadata_key: 'batch', status, page_size: '1' })).total
    await vi.waitUntil(async () => (await count('completed')) + (await count('failed')) === accepted, {
      ...{ timeout: BATCH_MS, interval: 500 },
    })
    expect([await count('completed'), await count('failed')]).toEqual([good, later])
    const failed = await clips.list({ metadata_key: 'batch', status: 'failed', page_size: '100' })
    const codeOf = new Map(REFUSED.map(([url, , code]) => [url, code]))
    for (const job of failed.jobs) expect(job.error_code, job.url).toBe(codeOf.get(job.url))
  })

  async function completed(request: { url: string; force?: boolean }) {
    const { job_id } = await world.clips.create(request)
    const end = await world.clips.ended(job_id)
    expect(end).toMatchObject({ status: 'completed', error_message: null })
    return end
  }

  /** All that is promised of a job that is done, with sound that can be played and a picture that can be seen. */
  async function expectWhole({ status, result, error_message }: ClipResult, said = 'times'): Promise<void> {
    expect({ status, error_message }).toEqual({ status: 'completed', error_message: null })
    const sound = await probeMedia(await downloaded('sound', result.audio_url))
    const { durationMs } = world.sites.recording
    if (said === 'times') expect(Math.abs((result.duration ?? 0) * 1000 - durationMs)).toBeLessThan(300)
    expect(sound).toMatchObject({ hasVideo: false, bytes: result.size_bytes })
    expect(sound.streams.map(({ kind }) => kind)).toEqual(['audio'])
    const picture = await readFile(await downloaded('picture.jpg', result.thumbnail_url))
    expect(picture.subarray(0, 2).toString('hex')).toBe('ffd8')
    // One colour all over would have less.
    expect(picture.length).toBeGreaterThan(4_000)

    expect(result.transcript).toMatchObject({ language: 'en', text: expect.stringContaining(said) })
    const spoken = result.transcript?.timestamps.flatMap(({ words }) => words) ?? []
    expect(spoken.map(({ word }) => word.toLowerCase()).join(' ')).toContain(said)
    expect(spoken.every(({ start, end }) => start <= end && end <= (result.duration ?? 0) + 0.1)).toBe(true)
    expect(result.analysis?.summary).toMatch(/\w/)
    expect(result.embedding?.metadata.dimensions).toBeGreaterThan(0)
    expect(result.embedding?.metadata.chunk_count).toBe(1)
  }

  /** Without a token: the sound's address is signed, the picture's public. */
  async function downloaded(name: string, url: string | null): Promise<string> {
    const response = await fetch(url ?? '')
    expect(response.status, url ?? '').toBe(200)
    const file = path.join(world.stack.workFolder('downloaded'), name)
    await writeFile(file, Buffer.from(await response.arrayBuffer()))
    return file
  }

  /** What was said about a job, once, in a message that Standard Webhooks' own library accepts. */
  async function toldOf(jobId: string): Promise<ClipMessage> {
    const { headers, body } = await world.receiver.message((text) => text.includes(jobId))
    const { secret } = await world.clips.callbackSecret()
    return ClipMessage.parse(new Webhook(secret).verify(body, headers))
  }

  const messagesAbout = (jobId: string) => world.receiver.messages.filter(({ body }) => body.includes(jobId))

  /** How many recordings there are, what is noted for removal, and what is stored that neither knows. */
  async function stored() {
    const { stack } = world
    const media = await stack.query<Record<string, string | null>>(
      'select object_key, cover_key, video_key from media',
    )
    const notes = await stack.query<{ object_key: string }>(
      'select object_key from storage_deletions order by 1',
    )
    const known = [...media.flatMap(Object.values), ...notes.map(({ object_key }) => object_key)]
    const strays = stack.storedFiles().filter((file) => !known.some((key) => key && file.includes(key)))
    return { media: media.length, notes, strays }
  }

  function pidOf(name: string): number {
    const services = readStack(world.stack.dataDir)?.services ?? []
    return services.find((service) => service.name === name)?.pid ?? 0
  }
})

/** What runs have left in their processes' folders; recordings that a transcriber keeps for its next job are none. */
function leftIn(scratch: string): string[] {
  const left = readdirSync(scratch).flatMap((folder) =>
    readdirSync(path.join(scratch, folder)).map((name) => path.join(folder, name)),
  )
  return left.filter((file) => !path.basename(file).startsWith('kept-'))
}

/** Nine tenths lead to a few posts that can be had; of the rest half is refused at once, half turns out to be bad. */
function batchOf(count: number): { lines: string[]; good: number; atOnce: number; later: number } {
  const posts = [
    'https://www.instagram.com/reel/ABC123xyz/',
    'https://youtu.be/SZJvDhaSDnc',
    'https://x.com/a/status/77',
  ]
  const unreadable = [
    'https://www.instagram.com/sample.reels/',
    'http://169.254.169.254/a',
    'ftp://x.com/a/status/1',
  ]
  const bad = Math.floor(count / 10)
  const [good, atOnce, later] = [count - bad, Math.ceil(bad / 2), Math.floor(bad / 2)]
  const take = (from: readonly string[], most: number) =>
    Array.from({ length: most }, (_, at) => from[at % from.length] ?? '')
  const ordered = [
    ...take(posts, good).map((url, at) => `${url}?utm_source=line${at}`),
    ...take(unreadable, atOnce),
    ...take(
      REFUSED.map(([url]) => url),
      later,
    ),
  ]
  return { lines: ordered.map((_, at) => ordered[(at * 7) % count] ?? ''), good, atOnce, later }
}
