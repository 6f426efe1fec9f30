import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { wavHeader } from '@app/media'

/** A WAV of so many seconds of a quiet tone: sound enough for a sandbox that knows what is said. */
export function toneWav(seconds: number, { hertz = 220, sampleRate = 8000 } = {}): Buffer {
  const samples = Int16Array.from({ length: Math.round(seconds * sampleRate) }, (_, index) =>
    Math.round(4_000 * Math.sin((2 * Math.PI * hertz * index) / sampleRate)),
  )
  const header = wavHeader({ sampleRate, dataBytes: samples.byteLength })
  return Buffer.concat([header, Buffer.from(samples.buffer)])
}

/** The same, on disk. */
export async function toneFile(directory: string, seconds: number): Promise<string> {
  const file = path.join(directory, `tone-${seconds}.wav`)
  await writeFile(file, toneWav(seconds))
  return file
}
