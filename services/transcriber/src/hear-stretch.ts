import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Transcript } from '@app/contracts'
import { mediaById, mediaOfChapter, type StoredMedia } from '@app/db'
import type { RunContext } from '@app/jobs'
import { extractSpeech, type SoundProbe, storedProbe } from '@app/media'
import { recognise } from './recognise.ts'
import type { SpeechToText, TranscribeOptions } from './speech/port.ts'
import type { TranscribeDeps } from './transcribe-deps.ts'

/** A recording that this run can read, and a directory of its own, gone when the run ends. */
export interface OpenRecording {
  media: StoredMedia
  path: string
  directory: string
  /** What was found when it was taken in; undefined where an earlier version noted less. */
  probe: SoundProbe | undefined
}

/** What a job's chapter lies in. Error: `media-not-found`. */
export async function mediaOf(
  { db }: Pick<TranscribeDeps, 'db'>,
  { mediaId, chapterId }: { mediaId?: string | undefined; chapterId: string },
): Promise<StoredMedia> {
  return await mediaById(db, mediaId ?? (await mediaOfChapter(db, chapterId)))
}

/** Opens a stored recording for as long as `use` takes. Errors: what storage gives. */
export async function withRecording<Value>(
  { openObject, scratchDirectory }: Pick<TranscribeDeps, 'openObject' | 'scratchDirectory'>,
  media: StoredMedia,
  signal: AbortSignal,
  use: (recording: OpenRecording) => Promise<Value>,
): Promise<Value> {
  const directory = await mkdtemp(join(scratchDirectory, 'transcribe-'))
  try {
    const path = await openObject(media.objectKey, directory, signal)
    return await use({ media, path, directory, probe: storedProbe(media.inspection) })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Cutting and decoding is this much of the work's progress, recognising the rest. */
const EXTRACTED = 0.1

/** Cuts a stretch of the recording out, and says what is said in it. Times count from its start. */
export async function hearStretch(
  speech: SpeechToText,
  { media, path, directory, probe }: OpenRecording,
  { startMs, endMs }: { startMs?: number | undefined; endMs?: number | undefined },
  { report, ...options }: Omit<TranscribeOptions, 'onProgress'> & Pick<RunContext, 'report'>,
): Promise<Transcript> {
  report(0, 'extracting_audio')
  const wavPath = join(directory, 'speech.wav')
  await extractSpeech(path, { probe, startMs, endMs, outPath: wavPath, signal: options.signal })
  report(EXTRACTED, 'transcribing')
  const recording = { objectKey: media.objectKey, startMs, endMs }
  const onProgress = (progress: number) => report(EXTRACTED + (1 - EXTRACTED) * progress, 'transcribing')
  return await recognise(speech, { wavPath, recording }, { ...options, onProgress })
}
