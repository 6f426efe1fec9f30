import { AnalysisAnswer, DescriptionAnswer, type Origin, SummaryAnswer, TagsAnswer } from '@app/contracts'
import type { z } from 'zod'
import { NO_SPEECH } from '../plan/plan-summary.ts'
import { tidyTags, tidyTopics } from '../plan/plan-tag-list.ts'
import { quotedData } from '../plan/quoted-data.ts'
import { ANALYZE } from '../prompts/analyze.ts'
import { DESCRIBE } from '../prompts/describe.ts'
import type { Prompt } from '../prompts/prompt.ts'
import { SUMMARIZE } from '../prompts/summarize.ts'
import { TAG } from '../prompts/tag.ts'
import { askOnce, type Reader } from './ask-once.ts'
import { linesOf, readable } from './digest.ts'
import type { LanguageModel, LanguageOptions, Reading } from './port.ts'
import { translate } from './translate.ts'

/** Of an answer about a whole text. */
const ANSWER_TOKENS = 4_000

/** A remote model as the port has it: the same prompts, plans and checks whichever it is. */
export function remoteLanguage(reader: Reader): LanguageModel {
  const { provider, model } = reader.chat
  const origin = { provider, model }
  const read = <Answer>(
    task: { operation: string; prompt: Prompt; schema: z.ZodType<Answer> },
    reading: Reading,
    options: LanguageOptions,
  ) => readAll(reader, task, { reading, options })
  const by = ({ version }: Prompt): Origin => ({ ...origin, promptVersion: version })

  return {
    ...origin,

    async summarize(reading, options) {
      const task = { operation: 'summarize', prompt: SUMMARIZE, schema: SummaryAnswer }
      const answer = await read(task, reading, options)
      return { ...by(SUMMARIZE), text: answer?.summary ?? NO_SPEECH }
    },

    async tag(reading, options) {
      const answer = await read({ operation: 'tag', prompt: TAG, schema: TagsAnswer }, reading, options)
      return { ...by(TAG), tags: tidyTags(answer?.tags ?? []) }
    },

    async analyze(reading, options) {
      const task = { operation: 'analyze', prompt: ANALYZE, schema: AnalysisAnswer }
      const answer = await read(task, reading, options)
      if (!answer) return { ...by(ANALYZE), summary: NO_SPEECH, topics: [], sentiment: null, category: null }
      return { ...by(ANALYZE), ...answer, topics: tidyTopics(answer.topics) }
    },

    async describe(reading, options) {
      const task = { operation: 'describe', prompt: DESCRIBE, schema: DescriptionAnswer }
      const answer = await read(task, reading, options)
      const { title } = reading
      if (!answer) return { ...by(DESCRIBE), title, description: NO_SPEECH, tags: [], showNotes: [] }
      const { show_notes, ...written } = answer
      const showNotes = showNotesOf(show_notes, reading)
      return { ...by(DESCRIBE), ...written, tags: tidyTags(answer.tags), showNotes }
    },

    translate: (reading, options) => translate(reader, reading, options),
  }
}

interface Read {
  reading: Reading
  options: LanguageOptions
}

/** Undefined where nothing is said: then there is nothing to ask either. */
async function readAll<Answer>(
  reader: Reader,
  task: { operation: string; prompt: Prompt; schema: z.ZodType<Answer> },
  { reading, options }: Read,
): Promise<Answer | undefined> {
  options.signal.throwIfAborted()
  if (linesOf(reading).length === 0) return undefined
  const blocks = await readable(reader, reading, options)
  const { title, author, language } = reading
  const material = quotedData({ title, author, language, blocks })
  return await askOnce(reader, { ...task, material, mostTokens: ANSWER_TOKENS }, options)
}

/** At the segments' own times: a model's times drift. Numbers of no segment are left out. */
function showNotesOf(notes: readonly { segment: number; text: string }[], { segments }: Reading) {
  return notes
    .flatMap(({ segment, text }) => {
      const at = segments[segment]
      return at ? [{ startMs: at.startMs, text }] : []
    })
    .toSorted((a, b) => a.startMs - b.startMs)
}
