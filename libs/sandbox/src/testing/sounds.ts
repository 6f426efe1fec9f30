import { writeFile } from 'node:fs/promises'
import path from 'node:path'

/** A WAV of so many seconds of a quiet tone: sound enough for a sandbox that knows what is said. */
export function toneWav(seconds: number, { hertz = 220, sampleRate = 8000 } = {}): Buffer {
  const samples = Math.round(seconds * sampleRate)
  const wav = Buffer.alloc(44 + samples * 2)
  wav.write('RIFF', 0, 'latin1')
  wav.writeUInt32LE(36 + samples * 2, 4)
  wav.write('WAVEfmt ', 8, 'latin1')
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(sampleRate, 24)
  wav.writeUInt32LE(sampleRate * 2, 28)
  wav.writeUInt16LE(2, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36, 'latin1')
  wav.writeUInt32LE(samples * 2, 40)
  for (let at = 0; at < samples; at += 1) {
    wav.writeInt16LE(Math.round(4000 * Math.sin((2 * Math.PI * hertz * at) / sampleRate)), 44 + at * 2)
  }
  return wav
}

/** The same, on disk. */
export async function toneFile(directory: string, seconds: number): Promise<string> {
  const file = path.join(directory, `tone-${seconds}.wav`)
  await writeFile(file, toneWav(seconds))
  return file
}
