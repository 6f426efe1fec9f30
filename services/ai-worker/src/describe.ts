import { DescribeJob } from '@app/contracts'
import { replaceAiOutput } from '@app/db'
import { defineWorker } from '@app/jobs'
import { type LanguageDeps, optionsOf, subjectOf } from './language-job.ts'
import { readText } from './read-text.ts'

/** A chapter, or a whole book → title, description, tags and show notes. */
export const describe = defineWorker(DescribeJob, {
  async run(job, { db, language }: LanguageDeps, context) {
    return await language.describe(await readText(db, job.input), optionsOf(job, context))
  },

  async save(trx, { input }, { provider, model, promptVersion, ...content }) {
    const origin = { provider, model, promptVersion }
    const output = { ...subjectOf(input), kind: 'description', content, origin }
    return { aiOutputId: await replaceAiOutput(trx, output), provider, model }
  },
})
