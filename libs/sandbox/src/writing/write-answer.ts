import { type Heard, textOf } from '../hearing/heard.ts'
import { answerBySchema } from './answer-by-schema.ts'
import { centralSentences, readText } from './read-text.ts'
import type { Schema } from './schema.ts'

/** A model's answer made without a model: of the words it was given, as JSON where a schema was given. */
export function writeAnswer(
  { instructions, content }: { instructions: string; content: string },
  schema: unknown,
  heard?: Heard,
): string {
  const reading = readText(heard ? textOf(heard.words) : content)
  if (!schema || typeof schema !== 'object') {
    return heard ? reading.text : centralSentences(reading, 3).join(' ')
  }
  const target = /translat\w*[^.]*? (?:in)?to (?:the language )?["“]?([\p{L}-]+)/iu.exec(
    `${instructions}\n${content}`,
  )?.[1]
  return JSON.stringify(answerBySchema(schema as Schema, { reading, heard, target }))
}
