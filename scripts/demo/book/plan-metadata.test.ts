import { expect, it } from 'vitest'
import { planMetadata } from './plan-metadata.ts'

it('puts each chapter where the one before ends, and escapes what the format takes for its own', () => {
  const chapters = [
    { title: 'One; = #', durationMs: 1500 },
    { title: 'Two', durationMs: 500 },
  ]

  expect(planMetadata({ title: 'A\\B', author: 'C' }, chapters).split('\n')).toEqual([
    ';FFMETADATA1',
    'title=A\\\\B',
    'artist=C',
    'genre=Audiobook',
    '[CHAPTER]',
    'TIMEBASE=1/1000',
    'START=0',
    'END=1500',
    'title=One\\; \\= \\#',
    '[CHAPTER]',
    'TIMEBASE=1/1000',
    'START=1500',
    'END=2000',
    'title=Two',
    '',
  ])
})
