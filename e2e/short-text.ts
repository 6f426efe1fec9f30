import type { BookText } from '../scripts/demo/text.ts'

/** Three chapters of some seconds each, for tests that send a book more than once. Charles Dickens, 1859 and 1861. */
export const SHORT_TEXT: BookText = {
  title: 'Openings',
  author: 'Charles Dickens',
  chapters: [
    {
      title: 'The Best of Times',
      voice: 'rms',
      lines: ['It was the best of times, it was the worst of times.'],
    },
    {
      title: 'The Season of Light',
      voice: 'slt',
      lines: ['It was the season of Light, it was the season of Darkness.'],
    },
    {
      title: 'Everything Before Us',
      voice: 'rms',
      lines: ['We had everything before us, we had nothing before us.'],
    },
  ],
}
