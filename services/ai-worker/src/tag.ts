import { TagJob } from '@app/contracts'
import { replaceAiOutput } from '@app/db'
import { defineWorker } from '@app/jobs'
import { type LanguageDeps, optionsOf } from './language-job.ts'
import { readText } from './read-text.ts'

/** A book's first chapter → what it is about. */
export const tag = defineWorker(TagJob, {
  async run(job, { db, language }: LanguageDeps, context) {
    return await language.tag(await readText(db, job.input), optionsOf(job, context))
  },

  async save(trx, { input }, { tags, ...origin }) {
    const subject = { subjectKind: 'audiobook', subjectId: input.audiobookId }
    const aiOutputId = await replaceAiOutput(trx, { ...subject, kind: 'tags', content: { tags }, origin })
    return { aiOutputId, provider: origin.provider, model: origin.model }
  },
})
