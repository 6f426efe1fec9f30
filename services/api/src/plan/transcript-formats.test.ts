import type { Segment } from '@app/contracts'
import { describe, expect, it } from 'vitest'
import { transcriptToSrt, transcriptToText, transcriptToVtt } from './transcript-formats.ts'

const short = { segments: [segment('call me Ishmael', 1000, 2500), segment('some years ago', 2800, 4000)] }

describe('transcriptToText', () => {
  it('says what looks made up', () => {
    const words = [{ text: 'thanks', startMs: 0, endMs: 900 }]
    const segments = [{ startMs: 0, endMs: 900, text: 'thanks', words, doubtful: 'over-silence' as const }]

    expect(transcriptToText({ segments })).toBe('[doubtful: thanks]\n')
  })

  it('runs on within a paragraph and breaks at long pauses', () => {
    const segments = [...short.segments, segment('never mind how long', 6000, 7000)]

    expect(transcriptToText({ segments })).toBe('call me Ishmael some years ago\n\nnever mind how long\n')
  })

  it('puts no spaces into Chinese', () => {
    const segments = [segment('从前有一个国王，', 0, 1000), segment('他有一座花园。', 1100, 2000)]

    expect(transcriptToText({ segments })).toBe('从前有一个国王，他有一座花园。\n')
  })

  it('names the speaker where another one begins', () => {
    const segments = [
      { ...segment('Who is there?', 0, 1000), speaker: 'Bernardo' },
      { ...segment('Nay,', 1100, 1500), speaker: 'Francisco' },
      { ...segment('answer me.', 1600, 2500), speaker: 'Francisco' },
    ]

    expect(transcriptToText({ segments })).toBe('Bernardo: Who is there?\n\nFrancisco: Nay, answer me.\n')
  })

  it('is empty for a recording without speech', () => {
    expect(transcriptToText({ segments: [] })).toBe('')
  })
})

describe('transcriptToSrt', () => {
  it('numbers cues from 1 and ends lines as players expect', () => {
    expect(transcriptToSrt(short)).toBe(
      '1\r\n00:00:01,000 --> 00:00:02,500\r\ncall me Ishmael\r\n\r\n' +
        '2\r\n00:00:02,800 --> 00:00:04,000\r\nsome years ago\r\n\r\n',
    )
  })

  it.each([
    ['a tag', 'a <b>bold</b> word', 'a bbold/b word'],
    ['a position', '{\\an8}above', '\\an8above'],
    ['a blank line', 'one\n\ntwo', 'one two'],
    ['a NUL', 'one\u0000two', 'one two'],
  ])('writes %s as text', (_, said, written) => {
    expect(transcriptToSrt({ segments: [segment(said, 0, 2000)] })).toContain(`\r\n${written}\r\n\r\n`)
  })

  it('has no empty line in a cue, and no cue without words', () => {
    const half = 'x'.repeat(40)
    const segments = [segment('<>', 0, 900), segment(`${'{}'.repeat(20)} ${half}`, 1000, 3000)]

    expect(transcriptToSrt({ segments })).toBe(`1\r\n00:00:01,000 --> 00:00:05,765\r\n${half}\r\n\r\n`)
  })
})

describe('transcriptToVtt', () => {
  it('has the header, a blank line, and times with a dot', () => {
    expect(transcriptToVtt(short)).toBe(
      'WEBVTT\n\n00:00:01.000 --> 00:00:02.500\ncall me Ishmael\n\n00:00:02.800 --> 00:00:04.000\nsome years ago\n',
    )
  })

  it('is a valid file even without cues', () => {
    expect(transcriptToVtt({ segments: [] })).toBe('WEBVTT\n')
  })

  it('escapes what would end the cue or open a tag', () => {
    const vtt = transcriptToVtt({ segments: [segment('a --> b & <v Mallory>c', 0, 3000)] })

    expect(vtt).toContain('\na --&gt; b &amp; &lt;v Mallory&gt;c\n')
  })

  it('names the voice', () => {
    const vtt = transcriptToVtt({ segments: [{ ...segment('nay', 0, 1000), speaker: 'Francisco <3' }] })

    expect(vtt).toContain('\n<v Francisco &lt;3>nay\n')
  })

  it('counts hours past 99', () => {
    expect(transcriptToVtt({ segments: [segment('late', 360_000_000, 360_001_000)] })).toContain(
      '100:00:00.000 --> ',
    )
  })
})

describe('cues', () => {
  const long = segment(Array.from({ length: 60 }, (_, index) => `word${index}`).join(' '), 0, 20_000)

  it('hold at most two lines of 42 characters for at most seven seconds, and every word once', () => {
    const cues = parseSrt(transcriptToSrt({ segments: [long] }))

    expect(cues.flatMap((cue) => cue.lines.join(' ').split(' '))).toEqual(long.text.split(' '))
    for (const { lines, startMs, endMs } of cues) {
      expect(lines.length).toBeLessThanOrEqual(2)
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(42)
      expect(endMs - startMs).toBeLessThanOrEqual(7000)
    }
  })

  it('never overlap, and stay long enough to be read where the next leaves time', () => {
    const segments = [segment('yes', 0, 200), segment('no', 500, 600), segment('perhaps', 5000, 5100)]

    const cues = parseSrt(transcriptToSrt({ segments }))

    expect(cues.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [0, 500],
      [500, 1333],
      [5000, 5833],
    ])
  })

  it('end after they start even where a provider gave a word no time', () => {
    const segments = [segment('a', 1000, 1000), segment('b', 1000, 1000)]

    for (const { startMs, endMs } of parseSrt(transcriptToSrt({ segments })))
      expect(endMs).toBeGreaterThan(startMs)
  })

  it('stay as long as it takes to read them, where the next leaves time', () => {
    const quick = 'a line of some forty characters, in a second'
    const segments = [segment(quick, 0, 1000), segment(quick, 1500, 2500), segment('so', 9000, 9400)]

    const cues = parseSrt(transcriptToSrt({ segments }))

    expect(cues.map(({ startMs, endMs }) => endMs - startMs)).toEqual([1500, 2588, 833])
  })

  it('go while a word is said to last on and on', () => {
    const [cue] = parseSrt(transcriptToSrt({ segments: [segment('well', 0, 60_000)] }))

    expect(cue?.endMs).toBe(7000)
  })

  it.each([
    [
      'Chinese',
      '从前有一个国王，他有一座美丽的花园，花园里长满了各种各样的花草树木，每天都有许多鸟儿飞来唱歌。',
      16,
    ],
    [
      'Japanese',
      '昔々あるところにおじいさんとおばあさんが住んでいました。おじいさんは山へ芝刈りに、おばあさんは川へ洗濯に行きました。',
      16,
    ],
    ['Thai', 'กาลครั้งหนึ่งนานมาแล้วมีพระราชาองค์หนึ่งทรงมีสวนดอกไม้ที่สวยงามมากและมีนกมากมายบินมาร้องเพลงทุกวัน', 42],
  ])('break %s, which has no spaces, between its words', (_, text, most) => {
    const cues = parseSrt(transcriptToSrt({ segments: [segment(text, 0, 20_000)] }))

    expect(cues.flatMap(({ lines }) => lines).join('')).toBe(text)
    expect(cues.length).toBeGreaterThan(2)
    for (const { lines, startMs, endMs } of cues) {
      expect(lines.length).toBeLessThanOrEqual(2)
      for (const line of lines)
        expect([...new Intl.Segmenter().segment(line)].length).toBeLessThanOrEqual(most)
      expect(endMs - startMs).toBeLessThanOrEqual(7000)
    }
  })

  it('count the mark of long vowels as wide as the letters beside it', () => {
    const text = 'ケーキとコーヒーとビールとカーとルーと'

    const [cue] = parseSrt(transcriptToSrt({ segments: [segment(text, 0, 4000)] }))

    expect(cue?.lines.join('')).toBe(text)
    expect(cue?.lines).toHaveLength(2)
  })

  it('end no line with a bracket that opens', () => {
    for (let lead = 0; lead < 16; lead += 1) {
      const text = `${'花'.repeat(lead)}彼は「東京」と言いました。それから「京都（きょうと）」へも行きました。`

      const lines = parseSrt(transcriptToSrt({ segments: [segment(text, 0, 12_000)] })).flatMap(
        (cue) => cue.lines,
      )

      expect(lines.filter((line) => /[「（]$/u.test(line))).toEqual([])
      expect(lines.join('')).toBe(text)
    }
  })

  it('of a script without spaces begin when their words were heard', () => {
    const halves = ['从前有一个国王有一座美丽的大花园', '花园里长满了各种各样的花草树木鸟']
    const words = [...halves.join('')].map((text, index) => {
      const startMs = index * 100 + (index < 16 ? 0 : 8000)
      return { text, startMs, endMs: startMs + 100 }
    })
    const segments = [{ startMs: 0, endMs: 11_200, text: `${halves.join('，')}。`, words }]

    const cues = parseSrt(transcriptToSrt({ segments }))

    expect(cues.map(({ startMs, lines }) => [startMs, lines.join('')])).toEqual([
      [0, `${halves[0]}，`],
      [9600, `${halves[1]}。`],
    ])
  })

  it('break a word longer than a line off by itself', () => {
    const word = 'x'.repeat(100)
    const cues = parseSrt(transcriptToSrt({ segments: [segment(`before ${word} after`, 0, 3000)] }))

    expect(cues.flatMap((cue) => cue.lines)).toContain(word)
  })
})

function segment(text: string, startMs: number, endMs: number): Segment {
  return { startMs, endMs, text, words: [] }
}

function parseSrt(srt: string) {
  return srt
    .split('\r\n\r\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [, times = '', ...lines] = block.split('\r\n')
      const [startMs = 0, endMs = 0] = times.split(' --> ').map((time) => {
        const [hours = 0, minutes = 0, seconds = 0, ms = 0] = time.split(/[:,]/).map(Number)
        return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms
      })
      return { startMs, endMs, lines }
    })
}
