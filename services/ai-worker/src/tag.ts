import { TagJob } from '@app/contracts'
import { replaceAiOutput } from '@app/db'
import { defineWorker } from '@app/jobs'
import { readChapter } from './read-chapter.ts'
import type { LanguageDeps } from './summarize.ts'

/** A book's first chapter → what it is about. */
export const tag = defineWorker(TagJob, {
  async run({ input }, { db, language }: LanguageDeps, { signal }) {
    return await language.tag(await readChapter(db, input), { signal })
  },

  async save(trx, { input }, { tags, ...origin }) {
    const subject = { subjectKind: 'audiobook', subjectId: input.audiobookId }
    const aiOutputId = await replaceAiOutput(trx, { ...subject, kind: 'tags', content: { tags }, origin })
    return { aiOutputId, provider: origin.provider, model: origin.model }
  },
})
