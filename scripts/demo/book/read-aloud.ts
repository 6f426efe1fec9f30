import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { speak } from '@app/media'
import { FatalError } from '@app/runtime'
import type { Passage } from '../text.ts'

/** 16-bit mono: what flite's better voices speak. */
export const SAMPLE_RATE = 16_000
const SAMPLE_BYTES = 2
/** The breath a reader draws between two lines. */
const PAUSE_MS = 300

/** A line of the text and where it is said, in milliseconds from the start of its chapter. */
export interface SpokenLine {
  text: string
  startMs: number
  endMs: number
}

/** A chapter as it was read: samples, and the exact place of every line in them. */
export interface SpokenPassage extends Passage {
  samples: Buffer
  durationMs: number
  spoken: SpokenLine[]
}

/** Reads a passage aloud line by line; needs an ffmpeg that has flite. */
export async function readAloud(
  passage: Passage,
  { directory, signal }: { directory: string; signal?: AbortSignal | undefined },
): Promise<SpokenPassage> {
  const outPath = path.join(directory, 'line.wav')
  const pause = Buffer.alloc((PAUSE_MS * SAMPLE_RATE * SAMPLE_BYTES) / 1000)
  const parts: Buffer[] = []
  const spoken: SpokenLine[] = []
  let bytes = 0
  for (const text of passage.lines) {
    await speak(text, { voice: passage.voice, outPath, signal })
    const samples = samplesOf(await readFile(outPath))
    spoken.push({ text, startMs: msOf(bytes), endMs: msOf(bytes + samples.length) })
    parts.push(samples, pause)
    bytes += samples.length + pause.length
  }
  return { ...passage, samples: Buffer.concat(parts), durationMs: msOf(bytes), spoken }
}

export function msOf(bytes: number): number {
  return Math.round((bytes / SAMPLE_BYTES / SAMPLE_RATE) * 1000)
}

/** The samples of a WAV by https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html. */
function samplesOf(wav: Buffer): Buffer {
  const dataAt = wav.indexOf('data', 12, 'latin1')
  const [channels, rate, bits] = [wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt16LE(34)]
  if (dataAt < 0 || channels !== 1 || rate !== SAMPLE_RATE || bits !== SAMPLE_BYTES * 8) {
    throw new FatalError(
      'voice-unexpected',
      `the synthesizer gave ${channels} channels at ${rate} Hz, ${bits} bits`,
    )
  }
  return wav.subarray(dataAt + 8, dataAt + 8 + wav.readUInt32LE(dataAt + 4))
}
