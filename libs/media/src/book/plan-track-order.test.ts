import { expect, it } from 'vitest'
import type { BookFile } from './book-file.ts'
import { planTrackOrder } from './plan-track-order.ts'

type Given = [fileName: string, tags?: Record<string, string>, position?: number]

function ordered(...given: Given[]): string[] {
  const files = given.map(
    ([fileName, tags = {}, position]): BookFile => ({
      fileName,
      position,
      soundEndMs: 1000,
      probe: { tags, chapters: [] },
    }),
  )
  return planTrackOrder(files).map(({ fileName }) => fileName)
}

it.each<[string, Given[], string[]]>([
  ['2 before 10', [['10.mp3'], ['2.mp3'], ['1.mp3']], ['1.mp3', '2.mp3', '10.mp3']],
  [
    'names without numbers by name',
    [['preface.mp3'], ['Epilogue.mp3'], ['intro.mp3']],
    ['Epilogue.mp3', 'intro.mp3', 'preface.mp3'],
  ],
  [
    'track tags before names',
    [
      ['a.mp3', { track: '2/2' }],
      ['b.mp3', { track: '1/2' }],
    ],
    ['b.mp3', 'a.mp3'],
  ],
  [
    'names when track tags repeat',
    [
      ['2.mp3', { track: '1' }],
      ['1.mp3', { track: '1' }],
    ],
    ['1.mp3', '2.mp3'],
  ],
  [
    'discs before tracks',
    [
      ['b.mp3', { disc: '2', track: '1' }],
      ['c.mp3', { disc: '1', track: '2' }],
      ['a.mp3', { disc: '1/2', track: '1' }],
    ],
    ['a.mp3', 'c.mp3', 'b.mp3'],
  ],
  [
    'discs by folder',
    [['CD2/01.mp3'], ['CD1/02.mp3'], ['CD1/01.mp3'], ['CD2/02.mp3']],
    ['CD1/01.mp3', 'CD1/02.mp3', 'CD2/01.mp3', 'CD2/02.mp3'],
  ],
  [
    'discs by file name',
    [['disc 2 track 1.mp3'], ['disc 1 track 2.mp3'], ['disc 1 track 1.mp3']],
    ['disc 1 track 1.mp3', 'disc 1 track 2.mp3', 'disc 2 track 1.mp3'],
  ],
  [
    'no discs when one is missing',
    [
      ['x2.mp3', { disc: '1' }],
      ['x1.mp3', { disc: '3' }],
    ],
    ['x1.mp3', 'x2.mp3'],
  ],
  [
    'numbers that are not part of the title',
    [
      ['1984 - 02.mp3', { album: '1984' }],
      ['1984 - 01.mp3', { album: '1984' }],
    ],
    ['1984 - 01.mp3', '1984 - 02.mp3'],
  ],
  [
    'positions before all',
    [
      ['1.mp3', {}, 3],
      ['2.mp3', {}, 1],
      ['3.mp3', {}, 2],
    ],
    ['2.mp3', '3.mp3', '1.mp3'],
  ],
  ['files without a position last', [['b.mp3'], ['a.mp3'], ['z.mp3', {}, 0]], ['z.mp3', 'a.mp3', 'b.mp3']],
  [
    'equal names as they came',
    [
      ['a.mp3', { track: '1' }],
      ['a.mp3', { track: '1' }],
    ],
    ['a.mp3', 'a.mp3'],
  ],
])('orders %s', (_, given, expected) => {
  expect(ordered(...given)).toEqual(expected)
})

it('orders the same whatever order the files arrived in', () => {
  const names = Array.from({ length: 30 }, (_, i) => `Chapter ${i + 1}.mp3`)

  expect(ordered(...names.toReversed().map((name): Given => [name]))).toEqual(names)
})
