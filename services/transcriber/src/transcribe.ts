import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TranscribeJob } from '@app/contracts'
import { type Db, mediaById, replaceTranscript } from '@app/db'
import { defineWorker } from '@app/jobs'
import { extractSpeech, type Inspection } from '@app/media'
import type { SpeechToText } from './speech/port.ts'
import { prepareSound } from './speech/prepare-sound.ts'

export interface TranscribeDeps {
  db: Db
  speech: SpeechToText
  /** Makes a stored object readable as a file: where it already is one, or a copy inside `directory`. */
  openObject: (objectKey: string, directory: string, signal: AbortSignal) => Promise<string>
  /** For sound on its way; each run's part of it is removed when the run ends. */
  scratchDirectory: string
}

/** Cutting and decoding is this much of the work's progress, recognising the rest. */
const EXTRACTED = 0.1

/** One chapter's sound → words with times. */
export const transcribe = defineWorker(TranscribeJob, {
  async run(
    job,
    { db, speech, openObject, scratchDirectory }: TranscribeDeps,
    { signal, report, step, limits },
  ) {
    const { input } = job
    const options = {
      language: input.language,
      job: { id: job.id, ownerId: job.ownerId, step, limits },
      signal,
      onProgress: (progress: number) => report(EXTRACTED + (1 - EXTRACTED) * progress, 'transcribing'),
    }
    const resumed = await speech.resume?.(options)
    if (resumed) return resumed

    const media = await mediaById(db, input.mediaId)
    const directory = await mkdtemp(join(scratchDirectory, 'transcribe-'))
    try {
      report(0, 'extracting_audio')
      const path = await openObject(media.objectKey, directory, signal)
      const sound = join(directory, 'speech.wav')
      await extractSpeech(path, {
        streamIndex: (media.inspection as Partial<Inspection>).probe?.audioStreamIndex,
        startMs: input.startMs,
        endMs: input.endMs,
        outPath: sound,
        signal,
      })
      report(EXTRACTED, 'transcribing')
      const prepared = await prepareSound(sound, {
        limits: speech.capabilities,
        recording: { objectKey: media.objectKey, startMs: input.startMs, endMs: input.endMs },
        signal,
      })
      return await speech.transcribe(prepared, options)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },

  async save(trx, { input }, transcript) {
    return {
      transcriptId: await replaceTranscript(trx, input.chapterId, transcript),
      segmentCount: transcript.segments.length,
      wordCount: transcript.segments.reduce((sum, segment) => sum + segment.words.length, 0),
      provider: transcript.provider,
      model: transcript.model,
    }
  },
})
