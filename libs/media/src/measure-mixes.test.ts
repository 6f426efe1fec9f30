import { expect, it } from 'vitest'
import { readAstats } from './measure-mixes.ts'

it('reads each channel, and silence as silence', () => {
  const { loudness, take } = readAstats(2)

  for (const line of [
    'Channel: 1',
    'RMS level dB: -23.5',
    'RMS peak dB: -12.25',
    'Channel: 2',
    'RMS level dB: -inf',
    'RMS peak dB: -inf',
  ]) {
    take(`[Parsed_astats_1 @ 0x55] ${line}`)
  }

  expect(loudness).toEqual([
    { rmsDb: -23.5, peakRmsDb: -12.25 },
    { rmsDb: -Infinity, peakRmsDb: -Infinity },
  ])
})

it('keeps the loudest of several reports, and counts them', () => {
  const report = readAstats(2)

  for (const level of ['-inf', '-30', '-50']) {
    report.take('[Parsed_astats_1 @ 0x55] Channel: 1')
    report.take(`[Parsed_astats_1 @ 0x55] RMS level dB: ${level}`)
    report.take('[Parsed_astats_1 @ 0x55] Channel: 2')
  }

  expect(report.loudness[0]?.rmsDb).toBe(-30)
  expect(report.blocks).toBe(3)
})
