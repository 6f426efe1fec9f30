import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Transcript } from '@app/contracts'
import { FatalError } from '@app/runtime'
import { planAgain, planReplaced, type Stretch } from './plan/plan-again.ts'
import { planDoubts } from './plan/plan-doubts.ts'
import { cutWav } from './speech/cut-wav.ts'
import type { Heard, HeardSegment, Sound, SpeechJob, SpeechToText, TranscribeOptions } from './speech/port.ts'
import { prepareSound } from './speech/prepare-sound.ts'

/** What is recognised: a WAV of `extractSpeech`, and where in the recording it comes from. */
export interface Extracted {
  wavPath: string
  recording: NonNullable<Sound['recording']>
}

/** Hearing the doubtful parts again comes after everything else; most recordings have none. */
const FIRST_SHARE = 0.95

/**
 * What is said in a sound. What looks made up (a loop, text over silence, what the model itself finds improbable) is
 * heard once more with the provider's other settings, if it has any; what then is still in doubt is marked.
 */
export async function recognise(
  speech: SpeechToText,
  extracted: Extracted,
  options: TranscribeOptions,
): Promise<Transcript> {
  const { signal, onProgress } = options
  const sound = await prepareSound(extracted.wavPath, {
    limits: speech.capabilities,
    recording: extracted.recording,
    signal,
  })
  const heard = await speech.transcribe(sound, {
    ...options,
    onProgress: (progress) => onProgress(progress * FIRST_SHARE),
  })
  const settled = await settleDoubts(speech, { heard, sound, wavPath: extracted.wavPath }, options)
  onProgress(1)
  return settled
}

interface HeardSound {
  heard: Heard
  sound: Sound
  wavPath: string
}

/** The same for what a provider had ready: there is no sound any more, so that doubts can only be marked. */
export function markDoubts(heard: Heard): Transcript {
  const everywhere = [{ startMs: 0, endMs: heard.durationMs }]
  return { ...heard, segments: planReplaced(heard.segments, planDoubts(heard.segments, everywhere), []) }
}

async function settleDoubts(
  speech: SpeechToText,
  { heard, sound, wavPath }: HeardSound,
  options: TranscribeOptions,
): Promise<Transcript> {
  const { segments } = heard
  const doubts = planDoubts(segments, sound.spans)
  const stretches = speech.capabilities.otherSettings ? planAgain(segments, doubts, heard.durationMs) : []
  const heardAgain = []
  const costs = [heard]
  for (const [index, stretch] of stretches.entries()) {
    const again = await hearAgain(speech, wavPath, stretch, { ...options, job: jobFor(options.job, index) })
    if (again === undefined) continue
    costs.push(again.heard)
    heardAgain.push({ stretch, segments: again.segments, doubts: planDoubts(again.segments, sound.spans) })
  }
  return { ...heard, segments: planReplaced(segments, doubts, heardAgain), ...costOf(costs) }
}

/** Times count from the start of all the sound. Undefined where the provider refuses the stretch, as for being too short. */
async function hearAgain(
  speech: SpeechToText,
  wavPath: string,
  stretch: Stretch,
  options: TranscribeOptions,
): Promise<{ heard: Heard; segments: HeardSegment[] } | undefined> {
  const { signal } = options
  const outPath = join(dirname(wavPath), 'again.wav')
  await cutWav(wavPath, stretch, { outPath, signal })
  const sound = await prepareSound(outPath, { limits: speech.capabilities, signal })
  try {
    const heard = await speech.transcribe(sound, { ...options, again: true, onProgress: () => {} })
    return { heard, segments: heard.segments.map((segment) => shifted(segment, stretch.startMs)) }
  } catch (error) {
    // The first hearing is worth keeping, doubtful as some of it is.
    if (error instanceof FatalError) return undefined
    throw error
  } finally {
    await Promise.all([outPath, sound.path].map((path) => rm(path, { force: true })))
  }
}

/** Checkpoints of its own: under the first hearing's keys its answers would be found. */
function jobFor(job: SpeechJob, index: number): SpeechJob {
  return { ...job, step: (key, work) => job.step(`again ${index}: ${key}`, work) }
}

/** Both hearings are charged. */
function costOf(heard: readonly Heard[]): Pick<Transcript, 'secondsBilled' | 'costUsd'> {
  const sum = (field: 'secondsBilled' | 'costUsd') => {
    const known = heard.flatMap((each) => each[field] ?? [])
    return known.length === 0 ? {} : { [field]: known.reduce((total, value) => total + value, 0) }
  }
  return { ...sum('secondsBilled'), ...sum('costUsd') }
}

/** A segment with all its times later. */
export function shifted<Kind extends HeardSegment>(segment: Kind, byMs: number): Kind {
  const words = segment.words.map((word) => ({
    ...word,
    startMs: word.startMs + byMs,
    endMs: word.endMs + byMs,
  }))
  return { ...segment, words, startMs: segment.startMs + byMs, endMs: segment.endMs + byMs }
}
