import { expect, it } from 'vitest'
import { judgeSound } from './judge-sound.ts'

const hour = 3_600_000

// Named rows are files of the project's collection of odd media; their outcome is agreed there.
it.each([
  ['a whole recording', 11_000, 11_000, false],
  ['encoder delay of an MP3', 11_049, 11_000, false],
  ['10 s of MP3 silence with padding', 10_080, 10_000, false],
  ['more sound than the header says', 10_837, 11_029, false],
  ['no duration in the header', undefined, 11_000, false],
  ['chapters-nero-only.mp4', 1089, 1021.7, false],
  ['empty-track.mp4', 1065.6, 1021.7, false],
  ['sample_wb.amr', 3527, 3380, false],
  ['phone-portrait-4k60.mp4', 312.7, 298.6, false],
  ['sample.flv', 1136, 1021.7, true],
  ['embedded-ssa-subs.mkv', 1139, 1010, true],
  ['embedded-srt-subs.mkv', 1234, 1010, true],
  ['sample_h262_mpeg_audio.ps', 131, 104.5, true],
  ['nasa-2v-2a-2s.mp4', 16_570, 13_056, true],
  ['truncated.mp3', 11_049, 5487, true],
  ['eac3-5.1.mp4', 1728, 288, true],
  ['ten hours that lack a quarter of an hour', 10 * hour, 9.75 * hour, true],
  ['ten hours that lack ten seconds', 10 * hour, 10 * hour - 10_000, false],
])('judges %s', (_, headerDurationMs, decodedMs, isShort) => {
  expect(judgeSound({ headerDurationMs, decodedMs })).toEqual(isShort ? ['sound-shorter-than-header'] : [])
})

it('allows a guessed duration more room', () => {
  const sound = { headerDurationMs: 10 * hour, decodedMs: 9.75 * hour }

  expect(judgeSound({ ...sound, isDurationEstimated: true })).toEqual([])
})
