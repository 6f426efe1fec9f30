const FLOOR_MS = 60_000
const CEILING_MS = 4 * 60 * 60_000
/** Slower than any disk we know, busy machine included. */
const SLOWEST_BYTES_PER_MS = 250
/** Decoding runs hundreds of times faster than real time; ten times is a machine with other things to do. */
const SLOWEST_SPEED = 10

/**
 * How long reading a file may take. Grows with its size and with what it claims to last, but a header
 * that promises 18 days buys no more than four hours.
 */
export function deadlineMs({ bytes, soundMs = 0 }: { bytes: number; soundMs?: number | undefined }): number {
  const wanted = FLOOR_MS + bytes / SLOWEST_BYTES_PER_MS + soundMs / SLOWEST_SPEED
  return Math.round(Math.min(wanted, CEILING_MS))
}
