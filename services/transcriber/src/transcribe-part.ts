import { TranscribePartJob } from '@app/contracts'
import { keepPart, namesOfChapter } from '@app/db'
import { defineWorker } from '@app/jobs'
import { hearStretch, mediaOf, withRecording } from './hear-stretch.ts'
import { heardBefore } from './heard-before.ts'
import { markDoubts } from './recognise.ts'
import type { TranscribeDeps } from './transcribe-deps.ts'

/** One part of a long recording → its words, kept until the stitch joins them. */
export const transcribePart = defineWorker(TranscribePartJob, {
  async run(job, deps: TranscribeDeps, { signal, report, step, limits }) {
    const { input } = job
    const speech = deps.speech(input.provider)
    const options = {
      language: input.language,
      vocabulary: await namesOfChapter(deps.db, input.chapterId),
      job: { id: job.id, ownerId: job.ownerId, step, limits },
      signal,
    }
    const resumed = await speech.resume?.({ ...options, onProgress: (progress) => report(progress) })
    if (resumed) return markDoubts(resumed)
    const offsetMs = input.startMs ?? 0
    const stretch = { startMs: offsetMs + input.part.fromMs, endMs: offsetMs + input.part.toMs }
    const media = await mediaOf(deps, input)
    const asked = { speech, media, stretch, options: { ...options, report } }
    return await heardBefore(deps.cache, asked, () =>
      withRecording(deps, media, signal, (recording) =>
        hearStretch(speech, recording, stretch, { ...options, report }),
      ),
    )
  },

  async save(trx, { input }, transcript) {
    const { transcribeId, index, chapterId, part } = input
    await keepPart(trx, { transcribeId, index, chapterId }, { part, transcript })
    return {
      wordCount: transcript.segments.reduce((sum, segment) => sum + segment.words.length, 0),
      provider: transcript.provider,
      model: transcript.model,
      insteadOf: transcript.insteadOf,
    }
  },
})
