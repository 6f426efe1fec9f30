import { setImmediate } from 'node:timers/promises'
import { FatalError } from '@app/runtime'
import { candidatePhrases, type Phrase } from '../plan/candidate-phrases.ts'
import { contentStems, vocabularyOf } from '../plan/content-words.ts'
import { planSentences } from '../plan/plan-sentences.ts'
import { planShowNotes } from '../plan/plan-show-notes.ts'
import { planStretches } from '../plan/plan-stretches.ts'
import { planSummary } from '../plan/plan-summary.ts'
import { planTags } from '../plan/plan-tags.ts'
import type { LanguageModel, LanguageOptions, Reading } from './port.ts'

const ORIGIN = { provider: 'local', model: 'extractive-1' }

/**
 * Reading without a model: sentences and phrases the recording itself uses, chosen by counting. It never says what was
 * not said, and never rephrases what was: a description is a summary, under the title that there is; sentiment and
 * category it can't judge, and to translate it refuses.
 */
export function localLanguage(): LanguageModel {
  return {
    ...ORIGIN,

    async summarize(reading, options) {
      return { ...ORIGIN, text: await summaryOf(reading, options) }
    },

    async tag(reading, options) {
      return { ...ORIGIN, tags: await tagsOf(reading, options) }
    },

    async analyze(reading, options) {
      const summary = await summaryOf(reading, options)
      const topics = await tagsOf(reading, options)
      return { ...ORIGIN, summary, topics, sentiment: null, category: null }
    },

    async describe(reading, options) {
      const description = await summaryOf(reading, options)
      const tags = await tagsOf(reading, options)
      const showNotes = planShowNotes(reading.segments, reading.language)
      return { ...ORIGIN, title: reading.title, description, tags, showNotes }
    },

    async translate(_, { signal }) {
      await setImmediate()
      signal.throwIfAborted()
      throw new FatalError(
        'translation-not-available',
        'translating needs a language model: configure OpenAI or Gemini, then ask again',
      )
    },
  }
}

async function summaryOf({ segments, language }: Reading, { signal }: LanguageOptions): Promise<string> {
  await setImmediate()
  signal.throwIfAborted()
  return planSummary(segments, language)
}

async function tagsOf({ title, segments, language }: Reading, { signal }: LanguageOptions) {
  const phrases: Phrase[] = []
  for (const stretch of planStretches(planSentences(segments, language))) {
    await setImmediate()
    signal.throwIfAborted()
    phrases.push(...candidatePhrases(stretch, language))
  }
  signal.throwIfAborted()
  return planTags(phrases, contentStems(title, vocabularyOf(language)))
}
