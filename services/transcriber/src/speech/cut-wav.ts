import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { readWavHeader } from './wav.ts'

const BYTES_PER_MS = 32
const HEADER_BYTES = 44

/** Writes a stretch of a 16 kHz mono 16-bit WAV to a file of its own, exact to the sample. */
export async function cutWav(
  wavPath: string,
  { startMs, endMs }: { startMs: number; endMs: number },
  { outPath, signal }: { outPath: string; signal: AbortSignal },
): Promise<void> {
  const { dataOffset, sampleCount } = await readWavHeader(wavPath)
  const start = dataOffset + startMs * BYTES_PER_MS
  const end = dataOffset + Math.min(endMs * BYTES_PER_MS, sampleCount * 2)
  const out = createWriteStream(outPath)
  out.write(header(Math.max(0, end - start)))
  // `end` is the last byte that is read, not the first that isn't.
  if (end <= start) out.end()
  else await pipeline(createReadStream(wavPath, { start, end: end - 1 }), out, { signal })
}

function header(dataBytes: number): Buffer {
  const head = Buffer.alloc(HEADER_BYTES)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(HEADER_BYTES - 8 + dataBytes, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(16_000, 24)
  head.writeUInt32LE(32_000, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(dataBytes, 40)
  return head
}
