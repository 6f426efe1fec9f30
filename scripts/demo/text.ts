import type { Voice } from '@app/media'

/** A chapter of a book to be read aloud. */
export interface Passage {
  title: string
  voice: Voice
  /** Read one after the other, so that the place of each in the recording is known to the sample. */
  lines: readonly string[]
}

/** Words to be read aloud, in chapters. */
export interface BookText {
  title: string
  author: string
  chapters: readonly Passage[]
}

/** The first pages of three novels whose copyright has ended. */
export const DEMO_TEXT: BookText = {
  title: 'Three First Pages',
  author: 'Lewis Carroll, Herman Melville and Jane Austen',
  chapters: [
    {
      // 1865, chapter I.
      title: 'Alice’s Adventures in Wonderland',
      voice: 'rms',
      lines: [
        'Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing to do:',
        'once or twice she had peeped into the book her sister was reading, but it had no pictures or conversations in it,',
        '“and what is the use of a book,” thought Alice “without pictures or conversations?”',
        'So she was considering in her own mind (as well as she could, for the hot day made her feel very sleepy and stupid),',
        'whether the pleasure of making a daisy-chain would be worth the trouble of getting up and picking the daisies,',
        'when suddenly a White Rabbit with pink eyes ran close by her.',
        'There was nothing so very remarkable in that;',
        'nor did Alice think it so very much out of the way to hear the Rabbit say to itself,',
        '“Oh dear! Oh dear! I shall be late!”',
      ],
    },
    {
      // 1851, chapter 1.
      title: 'Moby-Dick',
      voice: 'rms',
      lines: [
        'Call me Ishmael.',
        'Some years ago—never mind how long precisely—having little or no money in my purse, and nothing particular to interest me on shore,',
        'I thought I would sail about a little and see the watery part of the world.',
        'It is a way I have of driving off the spleen and regulating the circulation.',
        'Whenever I find myself growing grim about the mouth;',
        'whenever it is a damp, drizzly November in my soul;',
        'whenever I find myself involuntarily pausing before coffin warehouses, and bringing up the rear of every funeral I meet;',
      ],
    },
    {
      // 1811, chapter 1.
      title: 'Sense and Sensibility',
      voice: 'slt',
      lines: [
        'The family of Dashwood had long been settled in Sussex.',
        'Their estate was large, and their residence was at Norland Park, in the centre of their property,',
        'where, for many generations, they had lived in so respectable a manner as to engage the general good opinion of their surrounding acquaintance.',
        'The late owner of this estate was a single man, who lived to a very advanced age,',
        'and who for many years of his life, had a constant companion and housekeeper in his sister.',
        'But her death, which happened ten years before his own, produced a great alteration in his home;',
      ],
    },
  ],
}
