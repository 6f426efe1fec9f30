/** An owner whose receivers all hang has a quarter of a process' slots, and no host more than half of them. */
export function planShares(concurrency: number): { mostOfOwner: number; mostToHost: number } {
  return { mostOfOwner: Math.ceil(concurrency / 4), mostToHost: Math.ceil(concurrency / 2) }
}
