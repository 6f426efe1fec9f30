import { expect, it } from 'vitest'
import { fileUrl, READ_ONLY_THIS, seconds } from './ffmpeg-args.ts'

it('reads no format that refers to other files or addresses', () => {
  const allowed = READ_ONLY_THIS[READ_ONLY_THIS.indexOf('-format_whitelist') + 1]?.split(',') ?? []

  expect(allowed).toContain('mp3')
  for (const format of [
    'hls',
    'dash',
    'concat',
    'imf',
    'sdp',
    'rtsp',
    'lavfi',
    'image2',
    'tty',
    'v4l2',
    'data',
  ]) {
    expect(allowed).not.toContain(format)
  }
})

it('reads files only', () => {
  expect(READ_ONLY_THIS[READ_ONLY_THIS.indexOf('-protocol_whitelist') + 1]).toBe('file')
})

it.each(['-dash-first.opus', 'a:b.mp3', 'new\nline', 'https://example.org/x'])(
  'makes the name %j neither an option nor a protocol',
  (name) => {
    expect(fileUrl(name)).toMatch(/^file:\//)
    expect(fileUrl(name).endsWith(name.replace('//', '/'))).toBe(true)
  },
)

it.each([
  [0, '0.000000'],
  [1, '0.001000'],
  [36_001_376, '36001.376000'],
  [1e12, '1000000000.000000'],
])('writes %d ms without an exponent', (ms, text) => {
  expect(seconds(ms)).toBe(text)
})
