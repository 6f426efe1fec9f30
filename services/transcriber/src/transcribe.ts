import { type RecordingPart, TranscribeJob, type Transcript } from '@app/contracts'
import { forgetParts, namesOfChapter, replaceTranscript } from '@app/db'
import { defineWorker, type Job } from '@app/jobs'
import type { z } from 'zod'
import { cutRecording } from './cut-recording.ts'
import { hearStretch, mediaOf, type OpenRecording, withRecording } from './hear-stretch.ts'
import { heardBefore } from './heard-before.ts'
import { planPartJobs } from './plan/plan-part-jobs.ts'
import { planPartLimits } from './plan/plan-part-limits.ts'
import { markDoubts } from './recognise.ts'
import type { SpeechToText } from './speech/port.ts'
import type { TranscribeDeps } from './transcribe-deps.ts'

type TranscribeInput = z.output<typeof TranscribeJob.input>

/** One chapter's sound → words with times; what is longer than a part → the parts, each a job of its own, and a stitch. */
export const transcribe = defineWorker(TranscribeJob, {
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
    const media = await mediaOf(deps, input)
    const asked = { speech, media, stretch: input, options: { ...options, report } }
    return await heardBefore<Transcript & { parts?: RecordingPart[] }>(deps.cache, asked, () =>
      withRecording(deps, media, signal, async (recording) => {
        const parts = await partsOf(recording, job, { deps, speech, signal, report })
        if (parts.length > 1) return unheard(parts, speech, input)
        return await hearStretch(speech, recording, input, { ...options, report })
      }),
    )
  },

  async save(trx, { input }, transcript) {
    const { provider, model, insteadOf, parts } = transcript
    // Of an earlier job, whose chapter is transcribed anew.
    await forgetParts(trx, { chapterId: input.chapterId })
    if (parts) return { partCount: parts.length, provider, model }
    return {
      transcriptId: await replaceTranscript(trx, input.chapterId, transcript),
      segmentCount: transcript.segments.length,
      wordCount: transcript.segments.reduce((sum, segment) => sum + segment.words.length, 0),
      provider,
      model,
      insteadOf,
    }
  },

  children: (job, { parts, durationMs }) => (parts ? planPartJobs(job, parts, durationMs) : []),
})

interface Cutting {
  deps: TranscribeDeps
  speech: SpeechToText
  signal: AbortSignal
  report: (progress: number, stage?: string) => void
}

async function partsOf(
  recording: OpenRecording,
  { input }: Job<TranscribeInput>,
  { deps, speech, signal, report }: Cutting,
): Promise<RecordingPart[]> {
  const offsetMs = input.startMs ?? 0
  const durationMs = (input.endMs ?? recording.media.durationMs) - offsetMs
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
): Transcript & { parts: RecordingPart[] } {
  return { language, provider, model, durationMs: parts.at(-1)?.endMs ?? 0, segments: [], parts }
}
