import { type RecordingPart, TranscribeJob } from '@app/contracts'
import { forgetParts, replaceTranscript } from '@app/db'
import { defineWorker, type RunContext } from '@app/jobs'
import { cutRecording } from './cut-recording.ts'
import { type HeardOrCut, hearForJob, outputOf, type TranscribeInput } from './hear-for-job.ts'
import type { OpenRecording } from './hear-stretch.ts'
import { planPartJobs } from './plan/plan-part-jobs.ts'
import { planPartLimits } from './plan/plan-part-limits.ts'
import type { SpeechToText } from './speech/port.ts'
import type { TranscribeDeps } from './transcribe-deps.ts'

/** One chapter's sound → words with times; what is longer than a part → the parts, each a job of its own, and a stitch. */
export const transcribe = defineWorker(TranscribeJob, {
  async run(job, deps: TranscribeDeps, context) {
    const { input } = job
    return await hearForJob({ job, deps, context, stretch: input }, async (recording, speech) => {
      const parts = await partsOf(recording, input, { deps, speech, context })
      return parts.length > 1 ? unheard(parts, speech, input) : undefined
    })
  },

  async save(trx, { input }, transcript) {
    const { provider, model, parts } = transcript
    // Of an earlier job, whose chapter is transcribed anew.
    await forgetParts(trx, { chapterId: input.chapterId })
    if (parts) return { partCount: parts.length, provider, model }
    return {
      transcriptId: await replaceTranscript(trx, input.chapterId, transcript),
      segmentCount: transcript.segments.length,
      ...outputOf(transcript),
    }
  },

  children: (job, { parts, durationMs }) => (parts ? planPartJobs(job, parts, durationMs) : []),
})

interface Cutting {
  deps: TranscribeDeps
  speech: SpeechToText
  context: RunContext
}

async function partsOf(
  recording: OpenRecording,
  { startMs: offsetMs = 0, endMs }: TranscribeInput,
  { deps, speech, context: { signal, report } }: Cutting,
): Promise<RecordingPart[]> {
  const durationMs = (endMs ?? recording.media.durationMs) - offsetMs
  const limits = planPartLimits(speech.capabilities, deps.partMs)
  report(0, 'extracting_audio')
  const onProgress = (progress: number) => report(progress, 'extracting_audio')
  return await cutRecording(recording, { offsetMs, durationMs, limits, signal, onProgress })
}

/** The parts stand for the words until they are heard. */
function unheard(
  parts: RecordingPart[],
  { provider, model }: SpeechToText,
  { language = 'und' }: TranscribeInput,
): HeardOrCut {
  return { language, provider, model, durationMs: parts.at(-1)?.endMs ?? 0, segments: [], parts }
}
