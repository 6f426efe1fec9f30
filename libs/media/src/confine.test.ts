import { expect, it } from 'vitest'
import { confined } from './confine.ts'

it('bounds memory and ties the tool to our life where the machine can', () => {
  expect(confined('ffmpeg', ['-i', 'a b'], 1000, () => true)).toEqual([
    '/usr/bin/setpriv',
    ['--pdeathsig', 'KILL', '/usr/bin/prlimit', '--as=1000', '--core=0', 'ffmpeg', '-i', 'a b'],
  ])
})

it('runs the tool plainly where it cannot', () => {
  expect(confined('ffmpeg', ['-i', 'a b'], 1000, () => false)).toEqual(['ffmpeg', ['-i', 'a b']])
})
