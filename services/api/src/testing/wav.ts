const SAMPLE_RATE = 8_000

interface Tone {
  seconds?: number
  /** Different tones are different files. */
  hertz?: number
}

/** A small real recording: a tone as 16-bit PCM. */
export function toneWav({ seconds = 1, hertz = 440 }: Tone = {}): Buffer<ArrayBuffer> {
  const samples = Math.round(seconds * SAMPLE_RATE)
  const bytes = Buffer.alloc(44 + samples * 2)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write('WAVEfmt ', 8)
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(SAMPLE_RATE, 24)
  bytes.writeUInt32LE(SAMPLE_RATE * 2, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36)
  bytes.writeUInt32LE(samples * 2, 40)
  for (let index = 0; index < samples; index += 1) {
    const value = Math.sin((2 * Math.PI * hertz * index) / SAMPLE_RATE) * 12_000
    bytes.writeInt16LE(Math.round(value), 44 + index * 2)
  }
  return bytes
}
