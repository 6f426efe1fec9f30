import { open } from 'node:fs/promises'
import { SPEECH_RATE } from './plan-extraction.ts'

const BYTES_PER_MS = (SPEECH_RATE * 2) / 1000
/** ffmpeg keeps room for the RF64 header of files above 4 GB; the samples begin right behind it. */
const HEADER_BYTES = 256

/** How long a WAV of `extractSpeech` lasts, from the number of samples in it; 0 if it has no header yet. */
export async function wavDurationMs(wavPath: string): Promise<number> {
  await using file = await open(wavPath, 'r')
  const { size } = await file.stat()
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
  const dataAt = buffer.subarray(0, bytesRead).indexOf('data')
  return dataAt < 0 ? 0 : Math.round(Math.max(0, size - dataAt - 8) / BYTES_PER_MS)
}
