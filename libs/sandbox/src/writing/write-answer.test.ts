import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { writeAnswer } from './write-answer.ts'

const SENTENCES = [
  'The whale was seen off the coast of Nantucket by every sailor.',
  'The captain had lost his leg to the white whale.',
  'He would follow the white whale around the world.',
  'The cook had fish for breakfast.',
]
const CONTENT = `Here is the transcript.\n<transcript>\n${SENTENCES.join(' ')}\n</transcript>`
const prompt = { instructions: 'Answer about the transcript.', content: CONTENT }

describe('an answer', () => {
  it.each([
    ['strings of every name', z.object({ title: z.string(), summary: z.string(), other: z.string() })],
    ['a bare list', z.array(z.string()).min(2).max(3)],
    ['more than there is to say', z.object({ tags: z.array(z.string()).min(30) })],
    ['text of a length', z.object({ title: z.string().min(5).max(12), code: z.string().min(40) })],
    [
      'choices',
      z.object({ sentiment: z.enum(['positive', 'neutral', 'negative']), kind: z.literal('book') }),
    ],
    [
      'numbers in their range',
      z.object({ rating: z.number().min(2).max(5), year: z.int().min(1000), share: z.number().gt(0).max(1) }),
    ],
    [
      'what may be null',
      z.object({ author: z.string().nullable(), pages: z.int().nullable(), isFiction: z.boolean() }),
    ],
    [
      'lists of objects',
      z.object({ chapters: z.array(z.object({ title: z.string(), topics: z.array(z.string()) })).min(1) }),
    ],
    ['one of several', z.object({ answer: z.union([z.object({ text: z.string() }), z.null()]) })],
  ])('is valid under a schema of %s', (_, schema) => {
    const answer = JSON.parse(writeAnswer(prompt, z.toJSONSchema(schema)))

    expect(schema.safeParse(answer).error).toBeUndefined()
  })

  it('is valid under a schema that refers to its own definitions', () => {
    const schema = {
      type: 'object',
      properties: { parts: { type: 'array', minItems: 2, items: { $ref: '#/$defs/part' } } },
      required: ['parts'],
      $defs: {
        part: {
          type: 'object',
          properties: { heading: { type: 'string' } },
          required: ['heading'],
          additionalProperties: false,
        },
      },
    }

    const answer = JSON.parse(writeAnswer(prompt, schema))

    expect(new Ajv().validate(schema, answer)).toBe(true)
  })

  it('takes Gemini’s spelling of a schema', () => {
    const schema = {
      type: 'OBJECT',
      properties: {
        tags: { type: 'ARRAY', minItems: '1', maxItems: '2', items: { type: 'STRING' } },
        note: { type: 'STRING', nullable: true },
      },
    }

    expect(JSON.parse(writeAnswer(prompt, schema))).toEqual({
      tags: ['whale', 'white'],
      note: expect.any(String),
    })
  })

  it('says nothing that the text does not', () => {
    const { title, summary, tags } = JSON.parse(
      writeAnswer(
        prompt,
        z.toJSONSchema(z.object({ title: z.string(), summary: z.string(), tags: z.array(z.string()) })),
      ),
    )

    const said = new Set(wordsOf(SENTENCES.join(' ')))
    expect(wordsOf([title, summary, ...tags].join(' ')).filter((word) => !said.has(word))).toEqual([])
    expect(summary.split(' ').length).toBeLessThan(SENTENCES.join(' ').split(' ').length)
    expect(summary).toContain('whale')
  })

  it('is the same each time', () => {
    expect(writeAnswer(prompt, undefined)).toBe(writeAnswer(prompt, undefined))
  })

  it('is empty, and valid, about nothing', () => {
    const schema = z.object({ summary: z.string(), tags: z.array(z.string()) })

    const answer = schema.parse(
      JSON.parse(
        writeAnswer({ instructions: '', content: '<transcript></transcript>' }, z.toJSONSchema(schema)),
      ),
    )

    expect(answer).toEqual({ summary: '', tags: [] })
  })
})

describe('a translation', () => {
  const Translated = z.object({ segments: z.array(z.object({ id: z.int(), text: z.string() })) })

  it.each([
    ['numbered lines', '<segments>\n[3] The first.\n[4] The second.\n</segments>'],
    [
      'a list of objects',
      '<segments>[{"id":3,"text":"The first."},{"id":4,"text":"The second."}]</segments>',
    ],
    ['objects inside an object', '{"segments":[{"id":3,"text":"The first."},{"id":4,"text":"The second."}]}'],
  ])('has each segment of %s once, under its number', (_, content) => {
    const answer = writeAnswer(
      { instructions: 'Translate the segments into German.', content },
      z.toJSONSchema(Translated),
    )

    expect(JSON.parse(answer)).toEqual({
      segments: [
        { id: 3, text: '[German] The first.' },
        { id: 4, text: '[German] The second.' },
      ],
    })
  })
})

it('points at lines all over a long text, at each once', () => {
  const lines = Array.from({ length: 100 }, (_, index) => `[${index}] The sailor said word number ${index}.`)
  const schema = z.toJSONSchema(
    z.object({ notes: z.array(z.object({ segment: z.int(), text: z.string() })) }),
  )

  const { notes } = JSON.parse(
    writeAnswer(
      {
        instructions: '',
        content: `<about>Title: A</about>\n<transcript>\n${lines.join('\n')}\n</transcript>`,
      },
      schema,
    ),
  )

  expect(notes.map(({ segment }: { segment: number }) => segment)).toEqual([0, 12, 25, 37, 50, 62, 75, 87])
  expect(notes[1].text).toBe('The sailor said word number 12.')
})

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}+/gu) ?? []
}
