import { expect, it } from 'vitest'
import { type ClipPass, planClipPass, planSound } from './plan-clip.ts'

const pass = (files: ClipPass['files'], stillFormat?: string): string[] =>
  planClipPass({
    files,
    stillFormat,
    probe: { headerDurationMs: 30_000, audioStreamIndex: 1 },
    sound: planSound({ codec: 'aac' }),
    soundOut: '/w/sound.m4a',
    thumbnailOut: '/w/thumbnail.jpg',
    videoOut: '/w/video.mp4',
  })
const inputs = (args: readonly string[]) => args.flatMap((arg, at) => (arg === '-i' ? [args[at + 1]] : []))
const after = (args: readonly string[], flag: string) => args[args.indexOf(flag) + 1]

it.each([
  ['aac', 'm4a', 'copy'],
  ['opus', 'ogg', 'copy'],
  ['vorbis', 'ogg', 'copy'],
  ['mp3', 'mp3', 'copy'],
  ['flac', 'flac', 'copy'],
  ['pcm_s16le', 'm4a', 'aac'],
  ['ac3', 'm4a', 'aac'],
  ['', 'm4a', 'aac'],
])('stores %s as %s', (codec, extension, coder) => {
  const sound = planSound({ codec })

  expect(sound.extension).toBe(extension)
  expect(sound.codec[1]).toBe(coder)
})

it('leaves one channel one, and makes two of more where sound is encoded', () => {
  expect(planSound({ codec: 'pcm_s16le', channels: 1 }).codec).not.toContain('-ac')
  expect(planSound({ codec: 'ac3', channels: 6 }).codec).toContain('-ac')
  expect(planSound({ codec: 'aac', channels: 6 }).codec).not.toContain('-ac')
})

it.each([
  ['a moment', 120, 'copy'],
  ['seconds', 2_000, 'aac'],
  ['hours, by a broken clock,', 7_200_000, 'copy'],
])('puts the silence before sound that is %s late', (_, lateMs, coder) => {
  const sound = planSound({ codec: 'aac', startMs: 36_000_000 + lateMs }, 36_000_000)

  expect(sound.codec[1]).toBe(coder)
  expect(sound.codec.includes('aresample=async=1:first_pts=0')).toBe(coder === 'aac')
})

it('reads sound once, and the picture of the same file from a keyframe on', () => {
  const args = pass({ soundPath: '/w/a.mp4', picture: { path: '/w/a.mp4', isStill: false } })

  expect(inputs(args)).toEqual(['file:/w/a.mp4', 'file:/w/a.mp4'])
  expect(after(args, '-ss')).toBe('3.000000')
  expect(after(args, '-skip_frame')).toBe('nokey')
  expect(args).toContain('-noaccurate_seek')
  expect(args.indexOf('-ss')).toBeGreaterThan(args.indexOf('-i'))
})

it('seeks nothing in a still picture', () => {
  const args = pass({ soundPath: '/w/a.m4a', picture: { path: '/w/a.webp', isStill: true } }, 'webp_pipe')

  expect(args.slice(args.indexOf('webp_pipe'))).toContain('file:/w/a.webp')
  expect(args).not.toContain('-ss')
  expect(inputs(args)).toEqual(['file:/w/a.m4a', 'file:/w/a.webp'])
})

it('joins a video that came without its sound, beside all else', () => {
  const files = {
    soundPath: '/w/a.m4a',
    videoPath: '/w/v.mp4',
    picture: { path: '/w/v.mp4', isStill: false },
  }
  const args = pass(files)

  expect(inputs(args)).toEqual(['file:/w/a.m4a', 'file:/w/v.mp4', 'file:/w/v.mp4'])
  expect(args.slice(args.indexOf('1:v:0'))).toContain('file:/w/video.mp4')
  expect(args).toContain('2:v:0')
})

it('opens no input without the list of what may be read', () => {
  const args = pass({
    soundPath: '/w/a.m4a',
    videoPath: '/w/v.mp4',
    picture: { path: '/w/p', isStill: true },
  })

  expect(args.filter((arg) => arg === '-protocol_whitelist')).toHaveLength(inputs(args).length)
  expect(args.filter((arg) => arg === '-format_whitelist')).toHaveLength(inputs(args).length)
})
