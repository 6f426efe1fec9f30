import { open, readFile, truncate, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { inspectMedia } from './inspect.ts'
import { probeMedia } from './probe.ts'
import { type MediaLab, mediaLab, risingTone } from './testing/media-lab.ts'

let lab: MediaLab
beforeAll(async () => {
  lab = await mediaLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const tone = risingTone(3)
const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=10:d=3']

it.each([
  ['a.wav', []],
  ['a.mp3', []],
  ['a.flac', []],
  ['a.m4b', ['-f', 'ipod']],
  ['a.ogg', []],
  ['a.opus', []],
  ['a.mka', ['-c:a', 'flac']],
  ['a.ts', ['-output_ts_offset', '36000']],
  ['fragmented.mp4', ['-movflags', 'frag_keyframe+empty_moov']],
])('accepts %s and counts its sound', async (name, args) => {
  const file = await lab.make(name, ...tone, ...args)

  const { decodedMs, soundEndMs, warnings } = await inspectMedia(file)

  expect(Math.abs(decodedMs - 3000)).toBeLessThan(100)
  expect(soundEndMs).toBeGreaterThanOrEqual(decodedMs)
  expect(warnings).toEqual([])
})

it('answers the same whatever a file is called', async () => {
  const file = await lab.make('real.mp3', ...tone)
  const names = ['-dash.wav', 'a:b.flac', 'pct%d.m3u8', "quo'te;$(id).mp4", 'new\nline', 'https:', 'кино']

  for (const name of names) {
    await writeFile(lab.path(name), await readFile(file))
    expect(await inspectMedia(lab.path(name))).toMatchObject({ decodedMs: 3000, probe: { container: 'mp3' } })
  }
})

it('knows where sound ends that starts after the picture', async () => {
  const file = await lab.make(
    'late.mkv',
    ...picture,
    '-itsoffset',
    '2',
    ...tone,
    '-map',
    '0:v',
    '-map',
    '1:a',
  )

  const { decodedMs, soundEndMs } = await inspectMedia(file)

  expect(Math.abs(decodedMs - 3000)).toBeLessThan(100)
  expect(Math.abs(soundEndMs - 5000)).toBeLessThan(100)
})

it('warns of a file that was cut short', async () => {
  const { decodedMs, warnings } = await inspectMedia(
    await lab.make('cut.m4a', ...risingTone(20), '-movflags', 'faststart').then(cutInHalf),
  )

  expect(decodedMs).toBeLessThan(15_000)
  expect(warnings).toEqual(['sound-shorter-than-header'])
})

it('takes another stream where the best one cannot be decoded', async () => {
  const file = await lab.make(
    'two.mka',
    ...tone,
    '-map',
    '0:a',
    '-map',
    '0:a',
    '-c:a:0',
    'alac',
    '-c:a:1',
    'flac',
    '-disposition:a:0',
    'default',
  )
  await overwriteAll(file, 'A_ALAC', 'A_XXXX')

  const { probe } = await inspectMedia(file)

  expect(probe.audioStreamIndex).toBe(1)
})

it.each([
  ['media-empty', 'no bytes', ''],
  ['media-unreadable', 'an HTML page', '<!doctype html><title>Log in</title>'],
  ['media-unreadable', 'JSON', '{"error":"expired"}'],
  ['media-unreadable', 'plain text', 'x'],
  ['media-unreadable', 'neither sound nor video', '\x01\x02\x03\x04\x99 noise \xff\xfe'],
  ['media-playlist', 'an HLS or M3U playlist', '#EXTM3U\n#EXTINF:10,\n/etc/hostname\n'],
  ['media-playlist', 'an ffmpeg concat script', "ffconcat version 1.0\nfile 'real.mp3'\n"],
  ['media-no-audio', 'a JPEG image', '\xff\xd8\xff\xe0 and so on'],
])('refuses as %s, saying that it found %s', async (code, found, content) => {
  await writeFile(lab.path('upload.mp3'), Buffer.from(content, 'latin1'))

  await expect(inspectMedia(lab.path('upload.mp3'))).rejects.toMatchObject({
    code,
    message: expect.stringContaining(found),
  })
})

it('refuses video without sound, saying so', async () => {
  const file = await lab.make('silent-film.mp4', ...picture)

  await expect(inspectMedia(file)).rejects.toMatchObject({
    code: 'media-no-audio',
    message: 'Found video without sound.',
  })
})

it('refuses less than a tenth of a second', async () => {
  const file = await lab.make('blip.wav', ...risingTone(0.05))

  await expect(inspectMedia(file)).rejects.toMatchObject({ code: 'media-too-short' })
})

it('refuses a header whose sound is missing', async () => {
  const file = await lab.make('header.m4b', ...risingTone(10), '-f', 'ipod', '-movflags', 'faststart')
  await truncate(file, (await readFile(file)).indexOf('mdat') + 4)

  await expect(inspectMedia(file)).rejects.toMatchObject({ code: 'media-no-sound' })
})

it('refuses sound in a codec that nobody knows', async () => {
  const file = await lab.make('unknown.mka', ...tone, '-c:a', 'alac')
  await overwriteAll(file, 'A_ALAC', 'A_XXXX')

  await expect(inspectMedia(file)).rejects.toMatchObject({ code: 'media-undecodable' })
})

it('never follows a playlist that hides behind a byte of noise', async () => {
  await writeFile(
    lab.path('hidden.mp3'),
    `\x01\n#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:${lab.path('real.mp3')}\n`,
  )

  await expect(inspectMedia(lab.path('hidden.mp3'))).rejects.toMatchObject({
    code: expect.stringMatching(/^media-(unreadable|playlist)$/),
  })
})

it('stops when told to', async () => {
  const file = await lab.make('long.flac', '-f', 'lavfi', '-i', 'anullsrc=r=8000:d=7200')
  const abort = new AbortController()

  const inspecting = inspectMedia(file, { signal: abort.signal })
  abort.abort(new Error('upload cancelled'))

  await expect(inspecting).rejects.toThrow('upload cancelled')
})

it('reads chapters, tags and cover', async () => {
  await writeFile(
    lab.path('marks.txt'),
    ';FFMETADATA1\nalbum=Emma\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=Один\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=3000\ntitle=第二\n',
  )
  const cover = await lab.make('cover.png', ...picture, '-frames:v', '1')
  const inputs = [
    ...tone,
    '-i',
    cover,
    '-i',
    lab.path('marks.txt'),
    '-map',
    '0:a',
    '-map',
    '1:v',
    '-map_metadata',
    '2',
  ]

  const probe = await probeMedia(
    await lab.make('book.m4a', ...inputs, '-c:v', 'copy', '-disposition:v', 'attached_pic'),
  )

  expect(probe.chapters).toEqual([
    { startMs: 0, endMs: 1000, title: 'Один' },
    { startMs: 1000, endMs: 3000, title: '第二' },
  ])
  expect(probe.tags.album).toBe('Emma')
  expect(probe.cover).toMatchObject({ codec: 'png', width: 64, height: 48 })
  expect(probe.hasVideo).toBe(false)
})

async function cutInHalf(file: string): Promise<string> {
  await truncate(file, Math.round((await readFile(file)).length / 2))
  return file
}

async function overwriteAll(file: string, from: string, to: string): Promise<void> {
  const content = (await readFile(file)).toString('latin1')
  expect(content).toContain(from)
  await using handle = await open(file, 'w')
  await handle.write(Buffer.from(content.replaceAll(from, to), 'latin1'))
}
