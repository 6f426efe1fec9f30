import { AnalysisAnswer, DescriptionAnswer, SummaryAnswer, TagsAnswer } from '@app/contracts'
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
  const read = <Answer>(task: ReadTask<Answer>, reading: Reading, options: LanguageOptions) =>
    readAll(reader, task, { reading, options })

  return {
    ...origin,

    async summarize(reading, options) {
      const task = { operation: 'summarize', prompt: SUMMARIZE, schema: SummaryAnswer }
      const { answer, promptVersion } = await read(task, reading, options)
      return { ...origin, promptVersion, text: answer?.summary ?? NO_SPEECH }
    },

    async tag(reading, options) {
      const task = { operation: 'tag', prompt: TAG, schema: TagsAnswer }
      const { answer, promptVersion } = await read(task, reading, options)
      return { ...origin, promptVersion, tags: tidyTags(answer?.tags ?? []) }
    },

    async analyze(reading, options) {
      const task = { operation: 'analyze', prompt: ANALYZE, schema: AnalysisAnswer }
      const { answer, promptVersion } = await read(task, reading, options)
      const by = { ...origin, promptVersion }
      if (!answer) return { ...by, summary: NO_SPEECH, topics: [], sentiment: null, category: null }
      return { ...by, ...answer, topics: tidyTopics(answer.topics) }
    },

    async describe(reading, options) {
      const task = { operation: 'describe', prompt: DESCRIBE, schema: DescriptionAnswer }
      const { answer, promptVersion } = await read(task, reading, options)
      const by = { ...origin, promptVersion }
      const { title } = reading
      if (!answer) return { ...by, title, description: NO_SPEECH, tags: [], showNotes: [] }
      const { show_notes, ...written } = answer
      return { ...by, ...written, tags: tidyTags(answer.tags), showNotes: showNotesOf(show_notes, reading) }
    },

    translate: (reading, options) => translate(reader, reading, options),
  }
}

interface ReadTask<Answer> {
  operation: string
  prompt: Prompt
  schema: z.ZodType<Answer>
}

/** Without an answer where nothing is said: then there is nothing to ask either. */
async function readAll<Answer>(
  reader: Reader,
  task: ReadTask<Answer>,
  { reading, options }: { reading: Reading; options: LanguageOptions },
): Promise<{ answer: Answer | undefined; promptVersion: string }> {
  const { version } = task.prompt
  options.signal.throwIfAborted()
  if (linesOf(reading).length === 0) return { answer: undefined, promptVersion: version }
  const { blocks, versions } = await readable(reader, reading, options)
  const { title, author, language } = reading
  const material = quotedData({ title, author, language, blocks })
  const answer = await askOnce(reader, { ...task, material, mostTokens: ANSWER_TOKENS }, options)
  return { answer, promptVersion: [version, ...versions].join('+') }
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
