/** Counts what was delivered, so that a fast run which lost or repeated a job is no result. */
export function createTally(jobs: number) {
  const times = new Uint8Array(jobs)
  const all = Promise.withResolvers<void>()
  let delivered = 0

  return {
    /** Resolves when as many deliveries were counted as there are jobs. */
    all: all.promise,

    count(index: number): void {
      if (!(index in times)) throw new Error(`job ${index} was delivered, which nobody published`)
      times[index] = (times[index] ?? 0) + 1
      delivered += 1
      if (delivered === jobs) all.resolve()
    },

    /** Throws unless every job was delivered exactly once. */
    assertExact(): void {
      const lost = times.filter((count) => count === 0).length
      const repeated = times.filter((count) => count > 1).length
      if (lost > 0 || repeated > 0) {
        throw new Error(`of ${jobs} jobs ${lost} were never delivered and ${repeated} more than once`)
      }
    },
  }
}

export type Tally = ReturnType<typeof createTally>
