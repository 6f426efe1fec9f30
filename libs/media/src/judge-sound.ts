export type MediaWarning = 'sound-shorter-than-header' | 'too-many-chapters'

interface SoundClaim {
  /** Samples that were decoded. */
  decodedMs: number
  headerDurationMs?: number | undefined
  /** The header has no duration; ffprobe guessed it from the bit rate. */
  isDurationEstimated?: boolean
}

/** Less than this is no recording: every speech-to-text provider refuses it. */
export const SHORTEST_SOUND_MS = 100

/** Encoder delay, a last video frame after the sound: up to this share of what the header says is normal. */
const TOLERATED_SHARE = 0.08
/** In a long recording a small share is a lot of speech. */
const TOLERATED_MS = 30_000

/** Whether sound is missing that the header promised: a download cut short, a damaged middle, a silent end. */
export function judgeSound({ decodedMs, headerDurationMs, isDurationEstimated }: SoundClaim): MediaWarning[] {
  if (headerDurationMs === undefined) return []
  const missingMs = headerDurationMs - decodedMs
  const isShort =
    missingMs > headerDurationMs * TOLERATED_SHARE || (!isDurationEstimated && missingMs > TOLERATED_MS)
  return isShort ? ['sound-shorter-than-header'] : []
}
