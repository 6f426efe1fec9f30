import { SummarizeJob } from '@app/contracts'
import { replaceAiOutput } from '@app/db'
import { defineWorker } from '@app/jobs'
import { type LanguageDeps, optionsOf } from './language-job.ts'
import { readText } from './read-text.ts'

/** A book's first chapter → its summary. */
export const summarize = defineWorker(SummarizeJob, {
  async run(job, { db, language }: LanguageDeps, context) {
    return await language.summarize(await readText(db, job.input), optionsOf(job, context))
  },

  async save(trx, { input }, { text, ...origin }) {
    const subject = { subjectKind: 'audiobook', subjectId: input.audiobookId }
    const aiOutputId = await replaceAiOutput(trx, { ...subject, kind: 'summary', content: { text }, origin })
    return { aiOutputId, provider: origin.provider, model: origin.model }
  },
})
