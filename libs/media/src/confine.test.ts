import { expect, it } from 'vitest'
import { confined } from './confine.ts'

const line = (canWrap: (wrapper: readonly string[]) => boolean) =>
  confined('ffmpeg', ['-i', 'a b'], { memoryBytes: 1000, fileBytes: 5000 }, canWrap)

it('ties the tool to our life and bounds its memory where the machine can', () => {
  const args = [
    '--pdeathsig',
    'KILL',
    'prlimit',
    '--as=1000',
    '--core=0',
    '--fsize=5000',
    'ffmpeg',
    '-i',
    'a b',
  ]

  expect(line(() => true)).toEqual(['setpriv', args])
})

it('does the one where it cannot do the other', () => {
  expect(line(([program]) => program === 'prlimit')).toEqual([
    'prlimit',
    ['--as=1000', '--core=0', '--fsize=5000', 'ffmpeg', '-i', 'a b'],
  ])
})

it('runs the tool plainly where it can do neither', () => {
  expect(line(() => false)).toEqual(['ffmpeg', ['-i', 'a b']])
})

it('counts memory by what can be written where addresses mean nothing', () => {
  const limits = { memoryBytes: 1000, countsWritable: true, fileBytes: 5000 }

  expect(confined('yt-dlp', ['-J'], limits, ([program]) => program === 'prlimit')).toEqual([
    'prlimit',
    ['--data=1000', '--core=0', '--fsize=5000', 'yt-dlp', '-J'],
  ])
})

it('bounds memory and files where nobody says how', () => {
  expect(confined('ffmpeg', [], {}, ([program]) => program === 'prlimit')).toEqual([
    'prlimit',
    ['--as=2147483648', '--core=0', '--fsize=17179869184', 'ffmpeg'],
  ])
})
