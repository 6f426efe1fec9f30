import { SummarizeJob } from '@app/contracts'
import { type Db, replaceAiOutput } from '@app/db'
import { defineWorker } from '@app/jobs'
import type { LanguageModel } from './language/port.ts'
import { readChapter } from './read-chapter.ts'

export interface LanguageDeps {
  db: Db
  language: LanguageModel
}

/** A book's first chapter → its summary. */
export const summarize = defineWorker(SummarizeJob, {
  async run({ input }, { db, language }: LanguageDeps, { signal }) {
    return await language.summarize(await readChapter(db, input), { signal })
  },

  async save(trx, { input }, { text, ...origin }) {
    const subject = { subjectKind: 'audiobook', subjectId: input.audiobookId }
    const aiOutputId = await replaceAiOutput(trx, { ...subject, kind: 'summary', content: { text }, origin })
    return { aiOutputId, provider: origin.provider, model: origin.model }
  },
})
