import { expect, it } from 'vitest'
import { chooseMix, type Loudness, planGainDb, planLayout, planMixes } from './plan-downmix.ts'

const silent = Number.NEGATIVE_INFINITY
const loud = (...levels: number[]): Loudness[] => levels.map((rmsDb) => ({ rmsDb, peakRmsDb: rmsDb + 8 }))

// Levels: one per channel, then the blend.
const pair = '0.500000*c0+0.500000*c1'
const front = '0.333333*c0+0.333333*c1+0.333333*c2'

it.each<[string, number, string | undefined, number[], string]>([
  ['mono as it is', 1, 'mono', [-20], 'c0'],
  ['two equal sides blended', 2, 'stereo', [-20, -20, -20], pair],
  ['two speakers, one a side, blended', 2, 'stereo', [-20, -22, -24], pair],
  ['one silent side blended: only quieter', 2, 'stereo', [silent, -17, -23], pair],
  ['sides that cancel: the louder one', 2, 'stereo', [-20, -19, -60], 'c1'],
  ['sides that cancel wholly', 2, 'stereo', [-20, -20, silent], 'c0'],
  ['digital silence blended', 2, 'stereo', [silent, silent, silent], pair],
  ['the centre of 5.1, though the front is louder', 6, '5.1', [-17, -17, -23, -35, -35, -35, -20], 'c2'],
  ['the centre of 5.1(side)', 6, '5.1(side)', [-17, -17, -23, -35, -35, -35, -20], 'c2'],
  ['six channels without a layout as 5.1', 6, undefined, [-17, -17, -23, -5, -35, -35, -20], 'c2'],
  ['the front of 5.1 with an empty centre', 6, '5.1', [-20, -20, silent, -10, -40, -40, -23], front],
  ['the channel of 5.1 that drowns the others', 6, '5.1', [-26, -17, -26, -10, -40, -40, -22], 'c1'],
  ['the louder side of a 5.1 front that cancels', 6, '5.1', [-20, -19, silent, -10, -40, -40, -50], 'c1'],
  [
    'the only speech, in a back channel',
    6,
    '5.1',
    [silent, silent, silent, silent, -20, silent, silent],
    'c4',
  ],
  [
    'four equal channels blended',
    4,
    'quad',
    [-20, -20, -20, -20, -20],
    '0.250000*c0+0.250000*c1+0.250000*c2+0.250000*c3',
  ],
])('mixes %s', (_, channels, layout, levels, pan) => {
  expect(chooseMix(planMixes(channels, layout), loud(...levels)).mix.pan).toBe(pan)
})

it('never takes a low-frequency channel for speech', () => {
  const plan = planMixes(6, '5.1')

  expect(plan.singles).not.toContain(3)
})

it('measures eight channels at most', () => {
  expect(planMixes(64, undefined).mixes.length).toBeLessThanOrEqual(9)
})

it('brings frames to the layout the formula was made for', () => {
  expect(planLayout(planMixes(2, 'stereo'))).toBe('aformat=channel_layouts=stereo,')
  expect(planLayout(planMixes(2, undefined))).toBe('')
})

it.each([
  ['speech of ordinary level', -24, -14, 0],
  ['speech 45 dB down', -62, -53, 38],
  ['loud speech', -10, -3, 0],
  ['steady noise', -48, -44, 0],
  ['hiss', -95, -80, 0],
  ['digital silence', silent, silent, 0],
])('raises %s by what it needs', (_, rmsDb, peakRmsDb, gainDb) => {
  expect(planGainDb({ rmsDb, peakRmsDb })).toBe(gainDb)
})
