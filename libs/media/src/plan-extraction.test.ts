import { expect, it } from 'vitest'
import { planMixes } from './plan-downmix.ts'
import { planDecode, planOnePass, planTimeline } from './plan-extraction.ts'

const sound = { filePath: '/media/book.m4b', streamIndex: 4 }
const optionOf = (args: string[], option: string) => args[args.indexOf(option) + 1]

it('seeks to a second before the start, and cuts that second off by sample number', () => {
  const range = { ...sound, startMs: 7100, endMs: 10_090 }

  const decode = planDecode(range, planMixes(1, 'mono'), 'c0', 0)
  const timeline = planTimeline(range, '/tmp/out.wav')

  expect(decode.indexOf('-ss')).toBeLessThan(decode.indexOf('-i'))
  expect(optionOf(decode, '-ss')).toBe('6.100000')
  expect(optionOf(decode, '-t')).toBe('3.990000')
  expect(optionOf(timeline, '-af')).toContain('atrim=start_sample=16000:end_sample=63840')
})

it('reads a whole file without seeking', () => {
  const decode = planDecode(sound, planMixes(1, 'mono'), 'c0', 0)

  expect(decode).not.toContain('-ss')
  expect(decode).not.toContain('-t')
  expect(optionOf(decode, '-map')).toBe('0:4')
})

it('cuts off a second less where there is less before the start', () => {
  const timeline = planTimeline({ ...sound, startMs: 250, endMs: 500 }, '/tmp/out.wav')

  expect(optionOf(timeline, '-af')).toContain('atrim=start_sample=4000:end_sample=8000')
})

it('raises quiet speech while it still has its full precision', () => {
  const decode = planDecode(sound, planMixes(2, 'stereo'), 'c1', 38)

  expect(optionOf(decode, '-af')).toBe(
    'aformat=channel_layouts=stereo,pan=mono|c0=c1,volume=38dB,aresample=16000',
  )
})

it.each([
  ['the blend', 2, 'stereo', '0.500000*c0+0.500000*c1'],
  ['a centre', 6, '5.1', 'c2'],
  ['the only channel', 1, 'mono', 'c0'],
])('measures all mixes in the run that writes %s', (_, channels, layout, usual) => {
  const plan = planMixes(channels, layout)

  const filters = optionOf(planOnePass({ ...sound, startMs: 250 }, plan, { outPath: '/tmp/out.wav' }), '-af')

  expect(filters).toMatch(
    new RegExp(
      `^aformat=channel_layouts=${layout},.*atrim=start=0.250000,pan=${plan.mixes.length}c\\|.*,astats=`,
    ),
  )
  expect(filters).toContain(`;[heard]pan=mono|c0=${usual},aresample=16000,aformat=sample_fmts=s16,`)
  expect(filters).toContain('atrim=start_sample=4000:')
})

it('writes to a name that looks like an option or a protocol', () => {
  expect(planTimeline(sound, '/tmp/-a:b.wav').at(-1)).toBe('file:/tmp/-a:b.wav')
})

it('keeps to a plain header as long as the sound fits under it', () => {
  const hour = 3_600_000

  expect(planTimeline(sound, '/tmp/out.wav', 10 * hour)).not.toContain('-rf64')
  expect(planTimeline(sound, '/tmp/out.wav', 40 * hour)).toContain('-rf64')
})
