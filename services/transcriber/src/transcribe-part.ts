import { TranscribePartJob } from '@app/contracts'
import { keepPart } from '@app/db'
import { defineWorker } from '@app/jobs'
import { hearForJob, outputOf } from './hear-for-job.ts'
import type { TranscribeDeps } from './transcribe-deps.ts'

/** One part of a long recording → its words, kept until the stitch joins them. */
export const transcribePart = defineWorker(TranscribePartJob, {
  async run(job, deps: TranscribeDeps, context) {
    const { startMs: offsetMs = 0, part } = job.input
    const stretch = { startMs: offsetMs + part.fromMs, endMs: offsetMs + part.toMs }
    return await hearForJob({ job, deps, context, stretch })
  },

  async save(trx, { input }, transcript) {
    const { transcribeId, index, chapterId, part } = input
    await keepPart(trx, { transcribeId, index, chapterId }, { part, transcript })
    return outputOf(transcript)
  },
})
