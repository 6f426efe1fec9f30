import { join } from 'node:path'
import type { RecordingPart } from '@app/contracts'
import { detectSilence, extractSpeech } from '@app/media'
import type { OpenRecording } from './hear-stretch.ts'
import {
  type Cut,
  type PartLimits,
  planLoudnessCut,
  planParts,
  planSilentCut,
  planWindows,
  SILENCE,
} from './plan/plan-parts.ts'
import { planSpeechSpans, type Span } from './plan/plan-speech-spans.ts'
import { readLoudness, readWavHeader } from './speech/wav.ts'

interface Cutting {
  /** Where the chapter begins in the file. */
  offsetMs: number
  durationMs: number
  limits: PartLimits
  signal: AbortSignal
  onProgress: (progress: number) => void
}

/** Opening the file and starting the tools is most of the work: everybody waits for it, so two cores may share it. */
const AT_ONCE = 2

/**
 * Finds where a recording is to be cut: looks for a silence in each of the plan's windows, and reads no more of the
 * recording than these. Times of the parts count from the chapter's start.
 */
export async function cutRecording(recording: OpenRecording, cutting: Cutting): Promise<RecordingPart[]> {
  const { durationMs, limits, onProgress } = cutting
  const windows = planWindows(durationMs, limits)
  const cuts: Cut[] = []
  for (let first = 0; first < windows.length; first += AT_ONCE) {
    const some = windows.slice(first, first + AT_ONCE)
    // All of them, also where one fails: none may still write when the run's directory goes.
    const found = await Promise.allSettled(some.map((window) => findCut(recording, window, cutting)))
    for (const each of found) {
      if (each.status === 'rejected') throw each.reason
      cuts.push(each.value)
    }
    onProgress(cuts.length / windows.length)
  }
  return planParts(durationMs, cuts)
}

async function findCut(recording: OpenRecording, window: Span, cutting: Cutting): Promise<Cut> {
  const { path, probe } = recording
  const { offsetMs, limits, signal } = cutting
  const inFile = { startMs: offsetMs + window.startMs, endMs: offsetMs + window.endMs }
  const silences = await detectSilence(path, { ...SILENCE, ...inFile, probe, signal })
  return (
    planSilentCut(window, silences) ??
    planLoudnessCut(window, await loudnessOf(recording, inFile, signal), limits)
  )
}

/** Mixed and raised as the recogniser will hear it. */
async function loudnessOf({ path, directory, probe }: OpenRecording, inFile: Span, signal: AbortSignal) {
  const outPath = join(directory, `window-${inFile.startMs}.wav`)
  await extractSpeech(path, { ...inFile, probe, outPath, signal })
  const loudness = await readLoudness(outPath, await readWavHeader(outPath), signal)
  return { loudness, spans: planSpeechSpans(loudness) }
}
