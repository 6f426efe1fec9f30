const HEADER_BYTES = 44
const BYTES_PER_SAMPLE = 2

/**
 * The 44 bytes before the samples of a mono 16-bit PCM WAV, as Microsoft and IBM's "Multimedia Programming Interface"
 * of 1991 defines them. `sampleRate` in Hz; `dataBytes` must be below 4 GiB, which is all the format can count.
 */
export function wavHeader({
  sampleRate,
  dataBytes,
}: {
  sampleRate: number
  dataBytes: number
}): Buffer<ArrayBuffer> {
  const head = Buffer.alloc(HEADER_BYTES)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(HEADER_BYTES - 8 + dataBytes, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(sampleRate, 24)
  head.writeUInt32LE(sampleRate * BYTES_PER_SAMPLE, 28)
  head.writeUInt16LE(BYTES_PER_SAMPLE, 32)
  head.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(dataBytes, 40)
  return head
}
