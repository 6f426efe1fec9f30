import { expect, it } from 'vitest'
import { rankAudio } from './choose-audio.ts'
import type { MediaStream } from './media-probe.ts'

const audio = (index: number, changes: Partial<MediaStream> = {}): MediaStream => ({
  index,
  kind: 'audio',
  codec: 'aac',
  channels: 2,
  isDefault: true,
  isCover: false,
  isSpecial: false,
  ...changes,
})

it.each<[string, MediaStream[], number[]]>([
  ['takes the default stream before the first', [audio(0, { isDefault: false }), audio(1)], [1, 0]],
  [
    'takes a stream it can decode before a better one',
    [audio(0, { channels: 6, codec: undefined as never }), audio(1)],
    [1, 0],
  ],
  ['takes a commentary last', [audio(0, { isSpecial: true }), audio(1, { isDefault: false })], [1, 0]],
  ['takes more channels', [audio(0), audio(1, { channels: 6 })], [1, 0]],
  ['takes the higher bit rate', [audio(0, { bitRate: 72_000 }), audio(4, { bitRate: 128_000 })], [4, 0]],
  ['takes the first of equals', [audio(2), audio(1)], [1, 2]],
  ['skips what is no sound', [{ ...audio(0), kind: 'video' }, audio(1)], [1]],
  ['finds nothing in nothing', [], []],
])('%s', (_, streams, expected) => {
  expect(rankAudio(streams).map(({ index }) => index)).toEqual(expected)
})
