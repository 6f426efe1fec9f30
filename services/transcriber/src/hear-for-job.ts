import type { RecordingPart, TranscribeJob, Transcript } from '@app/contracts'
import { namesOfChapter } from '@app/db'
import type { Job, RunContext } from '@app/jobs'
import type { z } from 'zod'
import { hearStretch, mediaOf, type OpenRecording, withRecording } from './hear-stretch.ts'
import { heardBefore } from './heard-before.ts'
import { markDoubts } from './recognise.ts'
import type { SpeechToText } from './speech/port.ts'
import type { TranscribeDeps } from './transcribe-deps.ts'

export type TranscribeInput = z.output<typeof TranscribeJob.input>

/** The words, or the parts that stand for them until they are heard. */
export type HeardOrCut = Transcript & { parts?: RecordingPart[] }

interface Hearing {
  job: Job<TranscribeInput>
  deps: TranscribeDeps
  context: RunContext
  /** Of the recording; without an end, all that follows. */
  stretch: { startMs?: number | undefined; endMs?: number | undefined }
}

/**
 * What is said in a stretch of a job's recording: what its provider has ready from an earlier run, else what was heard
 * there before, else what is heard now; or what `cut` makes of the recording instead, where it makes anything.
 */
export async function hearForJob(
  { job, deps, context, stretch }: Hearing,
  cut?: (recording: OpenRecording, speech: SpeechToText) => Promise<HeardOrCut | undefined>,
): Promise<HeardOrCut> {
  const { input } = job
  const { signal, report, step, limits } = context
  const speech = deps.speech(input.provider)
  const options = {
    language: input.language,
    vocabulary: await namesOfChapter(deps.db, input.chapterId),
    job: { id: job.id, ownerId: job.ownerId, step, limits },
    signal,
  }
  const resumed = await speech.resume?.({ ...options, onProgress: (progress) => report(progress) })
  if (resumed) return markDoubts(resumed)
  const media = await mediaOf(deps, input)
  const asked = { speech, media, stretch, options: { ...options, report } }
  return await heardBefore<HeardOrCut>(deps.cache, asked, () =>
    withRecording(deps, media, signal, async (recording) => {
      const instead = await cut?.(recording, speech)
      return instead ?? (await hearStretch(speech, recording, stretch, { ...options, report }))
    }),
  )
}

/** What a job's row says of what was heard. */
export function outputOf({ segments, provider, model, insteadOf }: Transcript) {
  const wordCount = segments.reduce((sum, { words }) => sum + words.length, 0)
  return { wordCount, provider, model, insteadOf }
}
