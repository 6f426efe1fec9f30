import { stat } from 'node:fs/promises'
import { encodeSound } from '@app/media'
import { FatalError } from '@app/runtime'
import { FRAME_SAMPLES } from '../plan/frame-loudness.ts'
import { longestMs, planSoundFormat, type SoundFormat, type SoundLimits } from '../plan/plan-sound-format.ts'
import { planSpeechSpans } from '../plan/plan-speech-spans.ts'
import type { Sound } from './port.ts'
import { readLoudness, readWavHeader } from './wav.ts'

interface Preparing {
  /** What the provider takes: its capabilities. */
  limits: SoundLimits
  recording?: Sound['recording']
  signal: AbortSignal
}

/**
 * Makes a 16 kHz mono 16-bit WAV into what a provider takes: finds where it is loud enough for speech, and encodes it
 * beside itself, where it must. The WAV stays. Fails with FatalError `sound-unreadable` where it is none, and
 * `sound-too-long` where the provider takes no file that long.
 */
export async function prepareSound(
  wavPath: string,
  { limits, recording, signal }: Preparing,
): Promise<Sound> {
  const wav = await readWavHeader(wavPath)
  const durationMs = Math.floor((wav.sampleCount * 10) / FRAME_SAMPLES)
  const spans = planSpeechSpans(await readLoudness(wavPath, wav, signal))
  const format = planSoundFormat(limits, durationMs)
  if (format === undefined) throw tooLong(durationMs, limits)
  const { path, bytes } = await encoded(wavPath, format, signal)
  return { path, format, bytes, durationMs, spans, ...(recording === undefined ? {} : { recording }) }
}

const EXTENSION: Readonly<Record<SoundFormat, string>> = { wav: 'wav', flac: 'flac', opus: 'ogg' }

async function encoded(
  wavPath: string,
  format: SoundFormat,
  signal: AbortSignal,
): Promise<{ path: string; bytes: number }> {
  if (format === 'wav') return { path: wavPath, bytes: (await stat(wavPath)).size }
  const outPath = `${wavPath.replace(/\.wav$/, '')}.${EXTENSION[format]}`
  return { path: outPath, ...(await encodeSound(wavPath, { format, outPath, signal })) }
}

function tooLong(durationMs: number, limits: SoundLimits): FatalError {
  return new FatalError(
    'sound-too-long',
    `${Math.ceil(durationMs / 1000)} s of sound, and the provider takes ${Math.floor(longestMs(limits) / 1000)} s at most`,
  )
}
