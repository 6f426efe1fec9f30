import { type FileHandle, open } from 'node:fs/promises'
import { FatalError } from '@app/runtime'
import { FRAME_SAMPLES, frameLoudnessDb } from '../plan/frame-loudness.ts'

const SAMPLE_BYTES = 2
const READ_BYTES = 1024 * 1024

/** Where the samples lie in a WAV file. */
export interface WavSamples {
  dataOffset: number
  sampleCount: number
}

/**
 * Finds the samples of a 16 kHz mono 16-bit PCM WAV. The header's own sizes are not believed: a WAV written
 * to a pipe, or cut short, promises more than there is. Throws FatalError `sound-unreadable` for anything else.
 */
export async function readWavHeader(path: string): Promise<WavSamples> {
  const file = await open(path)
  try {
    return await findSamples(file, path)
  } finally {
    await file.close()
  }
}

/** How loud each 10 ms is, in dB below full scale. Ten hours take 14 MB and about two seconds. */
export async function readLoudness(
  path: string,
  wav: WavSamples,
  signal: AbortSignal,
): Promise<Float32Array> {
  const loudness = new Float32Array(Math.floor(wav.sampleCount / FRAME_SAMPLES))
  const frameBytes = FRAME_SAMPLES * SAMPLE_BYTES
  const buffer = Buffer.alloc(Math.floor(READ_BYTES / frameBytes) * frameBytes)
  const file = await open(path)
  try {
    for (let frame = 0; frame < loudness.length; ) {
      signal.throwIfAborted()
      const wanted = Math.min(buffer.length, (loudness.length - frame) * frameBytes)
      const filled = await fill(file, buffer, wanted, wav.dataOffset + frame * frameBytes)
      for (let at = 0; at + frameBytes <= filled; at += frameBytes, frame += 1) {
        loudness[frame] = frameLoudnessDb(buffer, at)
      }
      if (filled < wanted) return loudness.subarray(0, frame)
    }
    return loudness
  } finally {
    await file.close()
  }
}

async function findSamples(file: FileHandle, path: string): Promise<WavSamples> {
  const { size } = await file.stat()
  const head = Buffer.alloc(12)
  await fill(file, head, 12, 0)
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') {
    throw unreadable(path, 'no RIFF/WAVE header')
  }

  let formatSeen = false
  for (let offset = 12; offset + 8 <= size; ) {
    const chunk = Buffer.alloc(24)
    await fill(file, chunk, 24, offset)
    const id = chunk.toString('latin1', 0, 4)
    const length = chunk.readUInt32LE(4)
    if (id === 'fmt ') {
      checkFormat(chunk.subarray(8), path)
      formatSeen = true
    }
    if (id === 'data' && formatSeen) return samplesAt(offset + 8, Math.min(length, size - offset - 8))
    offset += 8 + length + (length % 2)
  }
  throw unreadable(path, 'no samples')
}

function samplesAt(dataOffset: number, bytes: number): WavSamples {
  return { dataOffset, sampleCount: Math.floor(bytes / SAMPLE_BYTES) }
}

function checkFormat(format: Buffer, path: string): void {
  const encoding = format.readUInt16LE(0)
  const channels = format.readUInt16LE(2)
  const sampleRate = format.readUInt32LE(4)
  const bits = format.readUInt16LE(14)
  if (encoding === 1 && channels === 1 && sampleRate === 16_000 && bits === 16) return
  throw unreadable(path, `encoding ${encoding}, ${channels} channels, ${sampleRate} Hz, ${bits} bits`)
}

/** Reads until `length` bytes are there or the file ends: one read may answer with less. */
async function fill(file: FileHandle, buffer: Buffer, length: number, position: number): Promise<number> {
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

function unreadable(path: string, found: string): FatalError {
  return new FatalError(
    'sound-unreadable',
    `expected a 16 kHz mono 16-bit PCM WAV at ${path}, found ${found}`,
  )
}
