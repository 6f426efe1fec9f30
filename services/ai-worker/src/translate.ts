import { TranslateJob } from '@app/contracts'
import { replaceTranslation } from '@app/db'
import { defineWorker } from '@app/jobs'
import { type LanguageDeps, optionsOf } from './language-job.ts'
import { readText } from './read-text.ts'

/** A chapter's transcript → the same in another language. */
export const translate = defineWorker(TranslateJob, {
  async run(job, { db, language }: LanguageDeps, context) {
    const reading = { ...(await readText(db, job.input)), into: job.input.language }
    return await language.translate(reading, optionsOf(job, context))
  },

  async save(trx, { input }, translation) {
    const translationId = await replaceTranslation(trx, input.chapterId, translation)
    const { provider, model, segments } = translation
    return { translationId, segmentCount: segments.length, provider, model }
  },
})
