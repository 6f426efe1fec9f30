import { expect, it } from 'vitest'
import { planBookTags } from './plan-book-tags.ts'

const tagsOf = (...tags: Record<string, string>[]) =>
  planBookTags(
    tags.map((each, i) => ({ fileName: `${i}.mp3`, soundEndMs: 1, probe: { tags: each, chapters: [] } })),
  )

it('reads a book the way audiobook tools write it', () => {
  const tags = {
    album: 'Sense and Sensibility',
    title: 'Sense and Sensibility (five-sentence edition)',
    artist: 'Jane Austen',
    composer: 'A; B',
    date: '1811-10-30',
    comment: 'Public domain.',
    genre: 'Audiobook/Fiction//Classic',
    language: 'eng',
    series: 'Novels',
    'series-part': '1',
    isbn: '9780141439662',
    audible_asin: 'B00',
  }

  expect(tagsOf(tags)).toEqual({
    title: 'Sense and Sensibility',
    author: 'Jane Austen',
    narrators: ['A', 'B'],
    year: 1811,
    description: 'Public domain.',
    genres: ['Audiobook', 'Fiction', 'Classic'],
    language: 'en',
    series: [{ name: 'Novels', part: '1' }],
    isbn: '9780141439662',
    asin: 'B00',
  })
})

it.each<[string, Record<string, string>[], object]>([
  ['says nothing where the files say nothing', [{}], { narrators: [], series: [], genres: [] }],
  ['takes the title of a single file for the book', [{ title: 'Emma' }], { title: 'Emma' }],
  [
    'takes a title that all files share for the book',
    [{ title: 'Emma' }, { title: 'Emma' }],
    { title: 'Emma' },
  ],
  [
    'takes the album artist where there is no artist',
    [{ album_artist: 'Jane Austen' }],
    { author: 'Jane Austen' },
  ],
  ['takes a description before a comment', [{ comment: 'c', description: 'd' }], { description: 'd' }],
  ['takes a tag from the first file that has it', [{}, { artist: 'Jane Austen' }], { author: 'Jane Austen' }],
  [
    'reads several series from a grouping',
    [{ grouping: 'Discworld #5; Witches #2.5' }],
    {
      series: [
        { name: 'Discworld', part: '5' },
        { name: 'Witches', part: '2.5' },
      ],
    },
  ],
  [
    'reads movement tags as a series',
    [{ mvnm: 'Novels', mvin: '3' }],
    { series: [{ name: 'Novels', part: '3' }] },
  ],
])('%s', (_, files, expected) => {
  expect(tagsOf(...files)).toMatchObject(expected)
})

it('takes no chapter title for the book', () => {
  expect(tagsOf({ title: 'Loomings' }, { title: 'The Carpet-Bag' })).not.toHaveProperty('title')
})

it('passes over text whose bytes could not be read', () => {
  expect(tagsOf({ album: 'Caf\ufffd', title: 'Zürich', artist: '\ufffd\ufffd' })).toMatchObject({
    title: 'Zürich',
  })
  expect(tagsOf({ artist: '\ufffd\ufffd' })).not.toHaveProperty('author')
})
