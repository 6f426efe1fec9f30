import { expect, it } from 'vitest'
import { planSilence, readSilences } from './detect-silence.ts'

it('pairs starts and ends', () => {
  const { silences, take } = readSilences()

  take('[silencedetect @ 0x5581] silence_start: -0.00133')
  take('[silencedetect @ 0x5581] silence_end: 1.5 | silence_duration: 1.50133')
  take('size=N/A time=00:00:05.00')
  take('[silencedetect @ 0x5581] silence_start: 7.25')
  take('[silencedetect @ 0x5581] silence_end: 9.0004 | silence_duration: 1.7504')

  expect(silences).toEqual([
    { startMs: 0, endMs: 1500 },
    { startMs: 7250, endMs: 9000 },
  ])
})

it('makes nothing of an end without a start, or of a start without an end', () => {
  const { silences, take } = readSilences()

  take('silence_end: 3')
  take('silence_start: 5')

  expect(silences).toEqual([])
})

it('counts times from the start of the stretch', () => {
  const args = planSilence(
    { filePath: '/a.mp3', streamIndex: 0, startMs: 60_000 },
    { belowDb: -40, atLeastMs: 700 },
  )

  expect(args).toContain('59.000000')
  expect(args[args.indexOf('-af') + 1]).toBe(
    'atrim=start=1.000000,asetpts=PTS-1.000000/TB,silencedetect=noise=-40dB:duration=0.700000',
  )
})
