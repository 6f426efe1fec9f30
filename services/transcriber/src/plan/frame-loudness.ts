/** 10 ms at 16 kHz: the recogniser counts in the same frames, so spans land on its grid exactly. */
export const FRAME_SAMPLES = 160
export const FRAME_MS = 10

/** Below this nothing can be heard in 16 bits; digital silence is set to it. */
export const SILENCE_DB = -100

const FULL_SCALE_POWER = 32_768 ** 2

/** Loudness of the frame of 16-bit little-endian samples at `offset`, in dB relative to full scale. */
export function frameLoudnessDb(samples: Buffer, offset: number): number {
  let power = 0
  for (let index = 0; index < FRAME_SAMPLES; index += 1) {
    const sample = samples.readInt16LE(offset + index * 2)
    power += sample * sample
  }
  if (power === 0) return SILENCE_DB
  return Math.max(SILENCE_DB, 10 * Math.log10(power / FRAME_SAMPLES / FULL_SCALE_POWER))
}
