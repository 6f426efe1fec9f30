import { expect, it } from 'vitest'
import type { EmbeddedChapter } from '../media-probe.ts'
import type { BookFile } from './book-file.ts'
import { planChapters } from './plan-chapters.ts'

const chapter = (title: string | undefined, startMs: number, endMs: number): EmbeddedChapter => ({
  startMs,
  endMs,
  ...(title ? { title } : {}),
})

function file(
  fileName: string,
  soundEndMs: number,
  chapters: EmbeddedChapter[] = [],
  tags: Record<string, string> = {},
): BookFile {
  return { fileName, soundEndMs, probe: { chapters, tags } }
}

const brief = (files: BookFile[], bookTitle?: string) =>
  planChapters(files, bookTitle ? { bookTitle } : {}).map(({ title, fileIndex, startMs, endMs, source }) => [
    title,
    fileIndex,
    startMs,
    endMs,
    source,
  ])

it('makes a file without chapters one chapter, to the end of its sound', () => {
  expect(brief([file('moby_dick.mp3', 61_234)])).toEqual([['moby dick', 0, 0, 61_234, 'file']])
})

it('takes the chapters embedded in a single file', () => {
  const book = file('sense.m4b', 24_768, [chapter('Chapter 1', 0, 7100), chapter(undefined, 7100, 24_730)])

  expect(brief([book])).toEqual([
    ['Chapter 1', 0, 0, 7100, 'embedded'],
    ['Chapter 2', 0, 7100, 24_768, 'embedded'],
  ])
})

it('makes one chapter of each file that has none', () => {
  expect(brief([file('01 Loomings.mp3', 1000), file('02 The Carpet-Bag.mp3', 2000)])).toEqual([
    ['01 Loomings', 0, 0, 1000, 'file'],
    ['02 The Carpet-Bag', 1, 0, 2000, 'file'],
  ])
})

it('puts the chapters of several files one after the other, each in its own file', () => {
  const one = file('1.m4b', 5000, [chapter('a', 0, 2000), chapter('b', 2000, 5000)])
  const two = file('2.m4b', 4000, [chapter('c', 0, 4000)])

  expect(brief([one, two, file('3 Afterword.mp3', 3000)])).toEqual([
    ['a', 0, 0, 2000, 'embedded'],
    ['b', 0, 2000, 5000, 'embedded'],
    ['c', 1, 0, 4000, 'embedded'],
    ['3 Afterword', 2, 0, 3000, 'file'],
  ])
})

it('uses a list that every file repeats once, over all of them', () => {
  const list = [chapter('a', 0, 30_000), chapter('b', 30_000, 60_400), chapter('c', 60_400, 120_000)]

  expect(brief([file('1.mp3', 60_000, list), file('2.mp3', 60_000, list)])).toEqual([
    ['a', 0, 0, 30_000, 'embedded'],
    ['b', 0, 30_000, 60_000, 'embedded'],
    ['c', 1, 0, 60_000, 'embedded'],
  ])
})

it('cuts a chapter in two where its file ends', () => {
  const list = [chapter('a', 0, 80_000), chapter('b', 80_000, 120_000)]

  expect(brief([file('1.mp3', 60_000, list), file('2.mp3', 60_000, list)])).toEqual([
    ['a', 0, 0, 60_000, 'embedded'],
    ['a (continued)', 1, 0, 20_000, 'embedded'],
    ['b', 1, 20_000, 60_000, 'embedded'],
  ])
})

it('leaves out no file that a shared list does not reach', () => {
  const list = [chapter('a', 0, 30_000), chapter('b', 30_000, 60_000)]

  expect(brief([file('1.mp3', 60_000, list), file('2.mp3', 50_000, list)])).toEqual([
    ['a', 0, 0, 30_000, 'embedded'],
    ['b', 0, 30_000, 60_000, 'embedded'],
    ['2', 1, 0, 50_000, 'file'],
  ])
})

it('prefers the markers of OverDrive to embedded chapters', () => {
  const markers =
    '<Markers><Marker><Name>One &amp; only</Name><Time>0:00.000</Time></Marker><Marker><Name>Two</Name><Time>1:05.500</Time></Marker></Markers>'
  const book = file('part1.mp3', 90_000, [chapter('x', 0, 90_000)], { 'overdrive mediamarkers': markers })

  expect(brief([book])).toEqual([
    ['One & only', 0, 0, 65_500, 'embedded'],
    ['Two', 0, 65_500, 90_000, 'embedded'],
  ])
})

it('takes a list of 100,000 entries for no list of chapters', () => {
  const marks = Array.from({ length: 100_000 }, (_, i) => chapter(`${i}`, i * 1000, i * 1000 + 1000))

  expect(brief([file('bomb.mp3', 100_000_000, marks)])).toEqual([['bomb', 0, 0, 100_000_000, 'file']])
})

it('takes 1,189 chapters for the Bible', () => {
  const marks = Array.from({ length: 1189 }, (_, i) => chapter(`${i}`, i * 1000, i * 1000 + 1000))

  expect(planChapters([file('bible.m4b', 1_189_000, marks)])).toHaveLength(1189)
})

it.each<[string, (string | undefined)[], (string | undefined)[], string | undefined, string[]]>([
  [
    'tags that name each file',
    ['Loomings', 'The Carpet-Bag'],
    [],
    'Moby Dick',
    ['Loomings', 'The Carpet-Bag'],
  ],
  ['file names when a tag is missing', ['Loomings', undefined], [], undefined, ['01', '02']],
  ['file names when tags repeat', ['Moby Dick', 'Moby Dick'], [], undefined, ['01', '02']],
  ['file names when a tag is the book', ['Moby Dick', 'Part 2'], [], 'Moby Dick', ['01', '02']],
  ['file names when a tag cannot be read', ['Lo\ufffdmings', 'The Carpet-Bag'], [], undefined, ['01', '02']],
  [
    'what the sender said before all',
    ['Loomings', 'The Carpet-Bag'],
    [undefined, 'Second'],
    undefined,
    ['Loomings', 'Second'],
  ],
])('titles files by %s', (_, tags, given, bookTitle, expected) => {
  const files = tags.map((title, i) => ({
    ...file(`0${i + 1}.mp3`, 1000, [], title ? { title } : {}),
    title: given[i] ?? null,
  }))

  expect(brief(files, bookTitle).map(([title]) => title)).toEqual(expected)
})
