import { wavHeader } from '@app/media'

const SAMPLE_RATE = 8_000

interface Tone {
  seconds?: number
  /** Different tones are different files. */
  hertz?: number
}

/** A small real recording: a tone as 16-bit PCM. */
export function toneWav({ seconds = 1, hertz = 440 }: Tone = {}): Buffer<ArrayBuffer> {
  const samples = Int16Array.from({ length: Math.round(seconds * SAMPLE_RATE) }, (_, index) =>
    Math.round(12_000 * Math.sin((2 * Math.PI * hertz * index) / SAMPLE_RATE)),
  )
  const header = wavHeader({ sampleRate: SAMPLE_RATE, dataBytes: samples.byteLength })
  return Buffer.concat([header, Buffer.from(samples.buffer)])
}
