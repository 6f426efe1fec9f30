import { expect, it } from 'vitest'
import {
  mayHaveCookies,
  parseProgress,
  planDownloadArguments,
  planMetadataArguments,
  shareDone,
  type YtdlpRun,
} from './plan-arguments.ts'

const run = (settings: Partial<YtdlpRun['settings']> = {}): YtdlpRun => ({
  settings: { version: '2026.08.19', maxBytes: 1_000, ...settings },
  ...{
    extractors: ['TikTok', 'vm.tiktok'],
    ytdlpArgs: ['--extractor-args', 'tiktok:x=1'],
  },
})
const after = (args: readonly string[], option: string) => args[args.indexOf(option) + 1]

it('asks about one address by its platform’s reader, and heeds no configuration', () => {
  const args = planMetadataArguments(run(), '--exec=rm')

  expect(args).toEqual(
    expect.arrayContaining([
      '--ignore-config',
      '--no-cache-dir',
      '--no-exec',
      '--no-playlist',
      '--dump-single-json',
    ]),
  )
  // Others on the machine can read arguments.
  expect(args).not.toContain('--proxy')
  expect(after(args, '--use-extractors')).toBe('TikTok,vm.tiktok')
  expect(after(args, '--extractor-args')).toBe('tiktok:x=1')
  expect(args.slice(-2)).toEqual(['--', '--exec=rm'])
})

it('downloads what was prepared, within its limits', () => {
  const settings = { limitRate: '2M', cookiesPath: '/w/cookies.txt' }
  const args = planDownloadArguments(run(settings), { infoPath: '/w/info.json', names: ['sound', 'video'] })

  expect(after(args, '--load-info-json')).toBe('/w/info.json')
  expect(after(args, '--format')).toBe('sound,video')
  expect(after(args, '--max-filesize')).toBe('1000')
  expect(after(args, '--limit-rate')).toBe('2M')
  expect(after(args, '--cookies')).toBe('/w/cookies.txt')
  expect(after(args, '--ffmpeg-location')).toBe('/nonexistent')
})

it.each([
  ['2023.03.04', false],
  ['2025.10.22', false],
  ['2025.11.12', true],
  ['2026.08.19', true],
  ['', false],
])('names a JavaScript runtime to yt-dlp %s: %s', (version, isNamed) => {
  const args = planMetadataArguments(run({ version, jsRuntime: 'node:/n' }), 'https://x')

  expect(args.includes('--js-runtimes')).toBe(isNamed)
})

it.each([
  ['2023.03.04', false],
  ['2023.07.06', true],
  ['2026.08.19.232843', true],
  ['', false],
])('gives cookies to yt-dlp %s: %s', (version, may) => {
  expect(mayHaveCookies(version)).toBe(may)
})

it.each([
  ['@progress sound 1024 934845', { name: 'sound', bytes: 1024, totalBytes: 934_845 }],
  ['@progress video 5 1234.5', { name: 'video', bytes: 5, totalBytes: 1234.5 }],
  ['@progress sound NA NA', { name: 'sound', bytes: 0 }],
  ['[download] Destination: sound.mp4', undefined],
])('reads %s', (line, progress) => {
  expect(parseProgress(line)).toEqual(progress)
})

it('counts each file alike', () => {
  const half = { name: 'sound', bytes: 50, totalBytes: 100 }

  expect(shareDone([half], ['sound', 'video'])).toBe(0.25)
  expect(shareDone([half, { name: 'video', bytes: 9, totalBytes: 9 }], ['sound', 'video'])).toBe(0.75)
  expect(shareDone([{ name: 'sound', bytes: 7 }], ['sound'])).toBe(0)
})
