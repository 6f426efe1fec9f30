import { describe, expect, it } from 'vitest'
import { planRevAiTranscript } from './plan-revai-transcript.ts'

const text = (value: string, ts: number, end_ts: number, confidence = 0.9) => ({
  ...{ type: 'text', value, ts, end_ts, confidence },
})
type Spoken = ReturnType<typeof text>
const punct = (value: string) => ({ type: 'punct', value })

describe('planRevAiTranscript', () => {
  it('puts punctuation to the word it follows, and times into milliseconds', () => {
    const elements = [
      text('Hello', 0.75, 1.25),
      punct(','),
      punct(' '),
      text('Ishmael', 1.3, 1.9, 1.0002),
      punct('.'),
    ]

    expect(planRevAiTranscript([{ speaker: 0, elements }])).toEqual([
      {
        startMs: 750,
        endMs: 1900,
        text: 'Hello, Ishmael.',
        words: [
          { text: 'Hello,', startMs: 750, endMs: 1250, confidence: 0.9 },
          { text: 'Ishmael.', startMs: 1300, endMs: 1900, confidence: 1 },
        ],
      },
    ])
  })

  it('names speakers where there are several', () => {
    const monologues = [0, 1].map((speaker) => ({ speaker, elements: [text('Hi', speaker, speaker + 0.5)] }))

    expect(planRevAiTranscript(monologues).map(({ speaker }) => speaker)).toEqual(['Speaker 1', 'Speaker 2'])
  })

  it('writes a language without spaces without spaces', () => {
    const elements = [text('你', 0, 0.2), text('好', 0.2, 0.4), punct('。')]

    expect(planRevAiTranscript([{ speaker: 0, elements }])).toMatchObject([{ text: '你好。' }])
  })

  it('puts no spaces between letters because somebody says OK in between', () => {
    const spoken = ['他', '说', 'OK', '然', '后'].map((value, index) => text(value, index, index + 0.9))
    const [he, says, ok, and, then] = spoken as [Spoken, Spoken, Spoken, Spoken, Spoken]
    const elements = [he, says, punct(' '), ok, punct(' '), and, then, punct('。')]

    expect(planRevAiTranscript([{ elements }])).toMatchObject([{ text: '他说 OK 然后。' }])
  })

  it('puts opening marks before their word', () => {
    const elements = [text('he', 0, 0.1), punct(' '), punct('“'), text('No', 0.2, 0.4), punct('”')]

    expect(planRevAiTranscript([{ elements }])).toMatchObject([{ text: 'he “No”' }])
  })

  it('leaves out what Rev.ai did not understand', () => {
    const elements = [{ type: 'unknown', value: '<unknown>' }, punct(' '), text('yes', 1, 1.2)]

    expect(planRevAiTranscript([{ elements }])).toMatchObject([{ text: 'yes' }])
  })

  it('makes nothing of silence', () => {
    expect(planRevAiTranscript([{ speaker: 0, elements: [] }])).toEqual([])
  })
})
