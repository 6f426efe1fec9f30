import { expect, it } from 'vitest'
import { settleMarks } from './settle-marks.ts'

type Mark = [startMs: number, endMs: number, title?: string]
const mark = ([startMs, endMs, title]: Mark) => ({ startMs, endMs, ...(title ? { title } : {}) })

it.each<[string, Mark[], number, Mark[]]>([
  [
    'keeps an orderly list',
    [
      [0, 7100, 'a'],
      [7100, 10_000, 'b'],
    ],
    10_000,
    [
      [0, 7100, 'a'],
      [7100, 10_000, 'b'],
    ],
  ],
  [
    'sorts',
    [
      [5000, 9000, 'b'],
      [0, 5000, 'a'],
    ],
    9000,
    [
      [0, 5000, 'a'],
      [5000, 9000, 'b'],
    ],
  ],
  [
    'ends the last where the sound ends, not where the header says',
    [
      [0, 5000, 'a'],
      [5000, 99_000, 'b'],
    ],
    9000,
    [
      [0, 5000, 'a'],
      [5000, 9000, 'b'],
    ],
  ],
  [
    'leaves out chapters behind the sound of a cut file',
    [
      [0, 5000, 'a'],
      [20_000, 30_000, 'b'],
    ],
    9000,
    [[0, 9000, 'a']],
  ],
  [
    'leaves no gap between chapters',
    [
      [0, 4000, 'a'],
      [5000, 9000, 'b'],
    ],
    9000,
    [
      [0, 5000, 'a'],
      [5000, 9000, 'b'],
    ],
  ],
  ['leaves out nothing before the first', [[2000, 9000, 'a']], 9000, [[0, 9000, 'a']]],
  [
    'leaves out nothing after the last',
    [
      [0, 4000, 'a'],
      [4000, 6000, 'b'],
    ],
    9000,
    [
      [0, 4000, 'a'],
      [4000, 9000, 'b'],
    ],
  ],
  [
    'cuts overlaps at the next start',
    [
      [0, 6000, 'a'],
      [5000, 9000, 'b'],
    ],
    9000,
    [
      [0, 5000, 'a'],
      [5000, 9000, 'b'],
    ],
  ],
  [
    'believes the start of a chapter that ends before it',
    [
      [0, 5000, 'a'],
      [5000, 1000, 'b'],
    ],
    9000,
    [
      [0, 5000, 'a'],
      [5000, 9000, 'b'],
    ],
  ],
  [
    'drops chapters of less than a tenth of a second',
    [
      [0, 5000, 'a'],
      [5000, 5050, 'x'],
      [5050, 9000, 'b'],
    ],
    9000,
    [
      [0, 5050, 'a'],
      [5050, 9000, 'b'],
    ],
  ],
  [
    'takes marks without any length for starts',
    [
      [0, 0, 'a'],
      [5000, 5000, 'b'],
    ],
    9000,
    [
      [0, 5000, 'a'],
      [5000, 9000, 'b'],
    ],
  ],
  [
    'takes the chapter, not the part that begins with it',
    [
      [0, 9000, 'Part'],
      [0, 4000, 'a'],
      [4000, 9000, 'b'],
    ],
    9000,
    [
      [0, 4000, 'a'],
      [4000, 9000, 'b'],
    ],
  ],
  [
    'pulls a negative start to the beginning',
    [
      [-500, 5000, 'a'],
      [5000, 9000, 'b'],
    ],
    9000,
    [
      [0, 5000, 'a'],
      [5000, 9000, 'b'],
    ],
  ],
  ['finds nothing in nothing', [], 9000, []],
  ['finds nothing where all lies behind the sound', [[10_000, 20_000, 'a']], 9000, []],
])('%s', (_, marks, endMs, expected) => {
  expect(settleMarks(marks.map(mark), endMs)).toEqual(expected.map(mark))
})

it('covers every moment exactly once, whatever it is given', () => {
  let seed = 7
  const random = (limit: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed % limit
  }
  for (let round = 0; round < 300; round++) {
    const marks = Array.from({ length: random(12) }, () =>
      mark([random(12_000) - 1000, random(12_000) - 1000]),
    )

    const chapters = settleMarks(marks, 10_000)

    const edges = chapters.flatMap(({ startMs, endMs }) => [startMs, endMs])
    expect(edges.at(0) ?? 0).toBe(0)
    expect(edges.at(-1) ?? 10_000).toBe(10_000)
    for (const [index, { startMs, endMs }] of chapters.entries()) {
      expect(endMs - startMs).toBeGreaterThanOrEqual(100)
      expect(startMs).toBe(chapters[index - 1]?.endMs ?? 0)
    }
  }
})
