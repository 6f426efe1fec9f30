import { readFile, stat, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { confined } from './confine.ts'
import { extractClip } from './extract-clip.ts'
import { extractSpeech } from './extract-speech.ts'
import { probeMedia } from './probe.ts'
import { levelDb, type MediaLab, mediaLab, risingTone, samplesOf } from './testing/media-lab.ts'

const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=s=1600x900:d=2:r=10']
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast']

const limitsFiles = confined('true', []).flat().includes('prlimit')

const clipOf = (lab: MediaLab) => lab.make('clip.mp4', ...PICTURE, ...risingTone(2), ...H264, '-c:a', 'aac')

it('takes sound as it is, a small JPEG and the length out of a video', async () => {
  await using lab = await mediaLab()
  const path = await clipOf(lab)

  const clip = await extractClip(
    { soundPath: path, picture: { path, isStill: false } },
    { directory: lab.folder },
  )

  expect(clip.sound).toMatchObject({ extension: 'm4a', contentType: 'audio/mp4' })
  expect(clip.decodedMs).toBeGreaterThan(1_950)
  expect(clip.decodedMs).toBeLessThan(2_100)
  const sound = await probeMedia(clip.sound.path)
  expect(sound).toMatchObject({ hasVideo: false, audioStreamIndex: 0, streams: [{ codec: 'aac' }] })
  const jpeg = await readFile(clip.thumbnailPath ?? '')
  expect(jpeg.subarray(0, 2).toString('hex')).toBe('ffd8')
  expect(jpegSize(jpeg)).toEqual({ width: 1280, height: 720 })
})

it('makes the picture of a keyframe before the moment, where none is near it', async () => {
  await using lab = await mediaLab()
  const tenSeconds = ['-f', 'lavfi', '-i', 'testsrc2=s=160x90:d=10:r=5', ...risingTone(10)]
  const path = await lab.make('long-gop.mp4', ...tenSeconds, ...H264, '-g', '500', '-c:a', 'aac')

  const clip = await extractClip(
    { soundPath: path, picture: { path, isStill: false } },
    { directory: lab.folder },
  )

  expect(jpegSize(await readFile(clip.thumbnailPath ?? ''))).toEqual({ width: 160, height: 90 })
})

it('joins sound and video that came apart, and takes the picture of the platform', async () => {
  await using lab = await mediaLab()
  const videoPath = await lab.make('v.mp4', ...PICTURE, ...H264, '-an')
  const soundPath = await lab.make('a.webm', ...risingTone(2, 48_000), '-c:a', 'libopus')
  const still = await lab.make('p.jpg', '-f', 'lavfi', '-i', 'color=red:s=64x48', '-frames:v', '1')

  const clip = await extractClip(
    { soundPath, videoPath, picture: { path: still, isStill: true } },
    { directory: lab.folder },
  )

  expect(clip.sound.extension).toBe('ogg')
  expect(jpegSize(await readFile(clip.thumbnailPath ?? ''))).toEqual({ width: 64, height: 48 })
  const joined = await probeMedia(clip.videoPath ?? '')
  expect(joined.streams.map(({ codec }) => codec)).toEqual(['h264', 'opus'])
})

it('says what is in the sound it stores, where that is not what came', async () => {
  await using lab = await mediaLab()
  const soundPath = await lab.make('film.ac3', ...risingTone(1, 48_000), '-af', 'pan=5.1|c0=c0|c2=c0')

  const { sound, soundStream } = await extractClip({ soundPath }, { directory: lab.folder })

  const { codec, channels, channelLayout } = soundStream
  expect((await probeMedia(sound.path)).streams).toMatchObject([{ index: 0, codec, channels, channelLayout }])
  expect(soundStream).toMatchObject({ index: 0, codec: 'aac', channels: 2, channelLayout: 'stereo' })
})

it.each(['late.mp4', 'late.ts'])(
  'has sound that starts after the picture of %s start as late',
  async (name) => {
    await using lab = await mediaLab()
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=10:d=4']
    const maps = ['-map', '0:v', '-map', '1:a']
    const late = ['-itsoffset', '2', ...risingTone(2, 44_100), ...maps, ...H264, '-c:a', 'aac']
    const path = await lab.make(name, ...picture, ...late)

    const clip = await extractClip({ soundPath: path }, { directory: lab.folder })

    const outPath = lab.path('speech.wav')
    await extractSpeech(clip.sound.path, { outPath })
    const samples = await samplesOf(outPath)
    expect(levelDb(samples.subarray(0, 1_800 * 16))).toBe(Number.NEGATIVE_INFINITY)
    expect(levelDb(samples.subarray(2_100 * 16, 3_900 * 16))).toBeGreaterThan(-20)
    expect(Math.abs(clip.soundEndMs - samples.length / 16)).toBeLessThan(100)
  },
)

it('puts a video to be kept into MP4, where it came in pieces of a stream', async () => {
  await using lab = await mediaLab()
  const path = await lab.make('v.ts', ...PICTURE, ...risingTone(2), ...H264, '-c:a', 'aac', '-f', 'mpegts')

  const clip = await extractClip(
    { soundPath: path, picture: { path, isStill: false } },
    { directory: lab.folder, keepsVideo: true },
  )

  const kept = await probeMedia(clip.videoPath ?? '')
  expect(kept.container).toMatch(/mp4/)
  expect(kept.streams.map(({ codec }) => codec)).toEqual(['h264', 'aac'])
})

it.skipIf(!limitsFiles)('says that a clip grows too large, and not that it is damaged', async () => {
  await using lab = await mediaLab()
  const path = await clipOf(lab)
  const files = { soundPath: path, picture: { path, isStill: false } }

  await expect(extractClip(files, { directory: lab.folder, maxFileBytes: 4_096 })).rejects.toMatchObject({
    ...{ name: 'ToolFailure', reason: 'too-much-output' },
  })
})

it.each([
  ['none', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['damaged', Buffer.from('ffd8ffe000104a464946', 'hex')],
])('does without a picture that is %s', async (_what, bytes) => {
  await using lab = await mediaLab()
  const soundPath = await lab.make('a.wav', ...risingTone(1))
  await writeFile(lab.path('p.jpg'), bytes)

  const clip = await extractClip(
    { soundPath, picture: { path: lab.path('p.jpg'), isStill: true } },
    { directory: lab.folder },
  )

  expect(clip.thumbnailPath).toBeUndefined()
  expect((await stat(clip.sound.path)).size).toBeGreaterThan(0)
})

it('refuses video without sound, and a playlist that claims to be one', async () => {
  await using lab = await mediaLab()
  const silent = await lab.make('v.mp4', ...PICTURE, ...H264, '-an')
  await writeFile(lab.path('list.mp4'), '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n')

  await expect(extractClip({ soundPath: silent }, { directory: lab.folder })).rejects.toMatchObject({
    code: 'media-no-audio',
  })
  await expect(
    extractClip({ soundPath: lab.path('list.mp4') }, { directory: lab.folder }),
  ).rejects.toMatchObject({ code: 'media-playlist' })
})

/** From the frame header of a JPEG. */
function jpegSize(bytes: Buffer) {
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    if (/c[0-2]/.test((bytes[at + 1] ?? 0).toString(16))) {
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
    }
  }
  return undefined
}
