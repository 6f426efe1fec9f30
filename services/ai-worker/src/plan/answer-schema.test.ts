import * as contracts from '@app/contracts'
import { describe, expect, it } from 'vitest'
import { answerSchema } from './answer-schema.ts'

describe('answerSchema', () => {
  it('requires every property, allows no other, and leaves out what is not heeded', () => {
    expect(answerSchema(contracts.DescriptionAnswer)).toEqual({
      type: 'object',
      properties: {
        title: { type: 'string' },
        description: { type: 'string' },
        tags: { type: 'array', items: { type: 'string' } },
        show_notes: {
          type: 'array',
          items: {
            type: 'object',
            properties: { segment: { type: 'integer' }, text: { type: 'string' } },
            required: ['segment', 'text'],
            additionalProperties: false,
          },
        },
      },
      required: ['title', 'description', 'tags', 'show_notes'],
      additionalProperties: false,
    })
  })

  it('names the values of enums', () => {
    expect(answerSchema(contracts.AnalysisAnswer)).toMatchObject({
      properties: { sentiment: { type: 'string', enum: ['positive', 'neutral', 'negative', 'mixed'] } },
    })
  })
})
