import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { wavHeader } from '@app/media'
import { readWavHeader } from './wav.ts'

const SAMPLES_PER_MS = 16
const BYTES_PER_MS = 2 * SAMPLES_PER_MS

/** Writes a stretch, in which there is some sound, of a 16 kHz mono 16-bit WAV to a file of its own, exact to the sample. */
export async function cutWav(
  wavPath: string,
  { startMs, endMs }: { startMs: number; endMs: number },
  { outPath, signal }: { outPath: string; signal: AbortSignal },
): Promise<void> {
  const { dataOffset, sampleCount } = await readWavHeader(wavPath)
  const start = dataOffset + startMs * BYTES_PER_MS
  const end = dataOffset + Math.min(endMs * BYTES_PER_MS, sampleCount * 2)
  const out = createWriteStream(outPath)
  out.write(wavHeader({ sampleRate: 1_000 * SAMPLES_PER_MS, dataBytes: end - start }))
  // `end` is the last byte that is read, not the first that isn't.
  await pipeline(createReadStream(wavPath, { start, end: end - 1 }), out, { signal })
}
