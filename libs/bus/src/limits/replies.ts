/** Redis' scripts count in microseconds. */
export const toUs = (ms: number): number => Math.ceil(ms * 1_000)

/** Rounded up: a job must not come before its time. */
export const toMs = (us: unknown): number => Math.ceil(Number(us ?? 0) / 1_000)

/** A flat reply of two and two. */
export const pairs = <T>(flat: readonly T[]): [T, T][] =>
  Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index] as T, flat[2 * index + 1] as T])
