import { setImmediate } from 'node:timers/promises'
import { candidatePhrases, type Phrase } from '../plan/candidate-phrases.ts'
import { contentStems, vocabularyOf } from '../plan/content-words.ts'
import { planSentences } from '../plan/plan-sentences.ts'
import { planStretches } from '../plan/plan-stretches.ts'
import { planSummary } from '../plan/plan-summary.ts'
import { planTags } from '../plan/plan-tags.ts'
import type { LanguageModel } from './port.ts'

const ORIGIN = { provider: 'local', model: 'extractive-1' }

/**
 * Summaries and tags without a model: sentences and phrases the recording itself uses, chosen by counting.
 * It never says what was not said, and never rephrases what was.
 */
export function localLanguage(): LanguageModel {
  return {
    ...ORIGIN,

    async summarize({ segments, language }, { signal }) {
      await setImmediate()
      signal.throwIfAborted()
      return { ...ORIGIN, text: planSummary(segments, language) }
    },

    async tag({ title, segments, language }, { signal }) {
      const phrases: Phrase[] = []
      for (const stretch of planStretches(planSentences(segments, language))) {
        await setImmediate()
        signal.throwIfAborted()
        phrases.push(...candidatePhrases(stretch, language))
      }
      signal.throwIfAborted()
      const titleStems = contentStems(title, vocabularyOf(language))
      return { ...ORIGIN, tags: planTags(phrases, titleStems) }
    },
  }
}
