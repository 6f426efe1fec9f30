import { expect, it } from 'vitest'
import { accepted } from './inspect.ts'
import { languageOf, parseProbe } from './parse-probe.ts'

const report = (parts: object) =>
  JSON.stringify({
    format: { format_name: 'mov,mp4', duration: '11.5', start_time: '0.0' },
    streams: [],
    chapters: [],
    ...parts,
  })

it('reads streams, cover, chapters and tags of an audiobook', () => {
  const json = report({
    streams: [
      {
        index: 0,
        codec_type: 'audio',
        codec_name: 'aac',
        channels: 1,
        sample_rate: '16000',
        disposition: { default: 1 },
        tags: { language: 'eng' },
      },
      { index: 1, codec_type: 'data' },
      {
        index: 2,
        codec_type: 'video',
        codec_name: 'mjpeg',
        width: 600,
        height: 600,
        disposition: { attached_pic: 1 },
      },
    ],
    chapters: [{ start_time: '0.0', end_time: '7.1', tags: { title: 'One\0' } }],
    format: {
      format_name: 'mov,mp4',
      duration: '24.73',
      start_time: '0.021',
      tags: { TITLE: ' Sense ', 'bad\0': '\0' },
    },
  })

  expect(parseProbe(json, 5000)).toMatchObject({
    bytes: 5000,
    headerDurationMs: 24_730,
    startMs: 21,
    audioStreamIndex: 0,
    hasVideo: false,
    streams: [
      { kind: 'audio', language: 'en', sampleRate: 16_000 },
      { kind: 'other' },
      { kind: 'video', isCover: true },
    ],
    chapters: [{ startMs: 0, endMs: 7100, title: 'One' }],
    cover: { streamIndex: 2, codec: 'mjpeg', width: 600, height: 600 },
    tags: { title: 'Sense' },
  })
})

it('does without what streamed and broken files leave out', () => {
  const probe = parseProbe(
    report({
      format: { format_name: 'webm', duration: 'N/A' },
      streams: [{ index: 0, codec_type: 'audio', sample_rate: '0' }],
    }),
    1,
  )

  expect(probe).not.toHaveProperty('headerDurationMs')
  expect(probe.startMs).toBe(0)
  expect(probe.streams[0]).toEqual({
    index: 0,
    kind: 'audio',
    isDefault: false,
    isCover: false,
    isSpecial: false,
  })
})

it('reads the tags of an Ogg from its stream, where they are kept', () => {
  const json = report({
    format: { format_name: 'ogg' },
    streams: [{ index: 0, codec_type: 'audio', codec_name: 'opus', channels: 1, tags: { ALBUM: 'Emma' } }],
  })

  expect(parseProbe(json, 1).tags).toEqual({ album: 'Emma' })
})

it('knows that a duration was guessed', () => {
  expect(
    parseProbe(report({}), 1, '[mp3 @ 0x1] Estimating duration from bitrate, this may be inaccurate')
      .isDurationEstimated,
  ).toBe(true)
  expect(parseProbe(report({}), 1).isDurationEstimated).toBe(false)
})

it('limits what a hostile file can put into a row', () => {
  const tags = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`tag${i}`, 'x'.repeat(70_000)]))

  const probe = parseProbe(report({ format: { format_name: 'mp3', tags: { ...tags } } }), 1)

  expect(Object.keys(probe.tags)).toHaveLength(200)
  expect(probe.tags.tag0).toHaveLength(2000)
})

it('keeps none of more chapters than any book has, and says so', () => {
  const chapters = Array.from({ length: 10_001 }, (_, i) => ({ start_time: `${i}`, end_time: `${i + 1}` }))

  const probe = { ...parseProbe(report({ chapters }), 1), audioStreamIndex: 0 }

  expect(probe.chapters).toEqual([])
  expect(accepted(probe, { decodedMs: 11_500, soundEndMs: 11_500 }).warnings).toEqual(['too-many-chapters'])
  expect(parseProbe(report({ chapters: chapters.slice(1) }), 1).chapters).toHaveLength(10_000)
})

it('takes a tag called __proto__ for a tag', () => {
  const json = '{"format":{"format_name":"mp3","tags":{"__proto__":"x","title":"t"}}}'

  expect(parseProbe(json, 1).tags.title).toBe('t')
  expect(Object.getPrototypeOf(parseProbe(json, 1).tags)).toBe(Object.prototype)
})

it.each([
  ['eng', 'en'],
  ['fre', 'fr'],
  ['deu', 'de'],
  ['pt-BR', 'pt-BR'],
  ['und', undefined],
  ['mul', undefined],
  ['English', undefined],
  ['', undefined],
  [undefined, undefined],
])('reads the language %j as %j', (tag, expected) => {
  expect(languageOf(tag)).toBe(expected)
})
