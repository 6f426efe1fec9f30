/** Tickets of one lane that may stand on its stream where runs are short, however few slots there are. */
const LEAST_WINDOW = 64
/** About what it takes from a claim until another ticket stands in its place. */
const TOP_UP_MS = 20

/**
 * How many tickets of one lane may stand on its stream without having started: as many as there are slots, so that
 * whoever comes next waits for about one run at most; more where runs are so short that slots would wait for tickets,
 * up to 64 or four for each slot. What waits behind the window waits in Postgres, where a change of mind costs nothing.
 */
export function admissionWindow({
  slots,
  meanRunMs,
}: {
  slots: number
  meanRunMs: number | undefined
}): number {
  const most = Math.max(LEAST_WINDOW, 4 * slots)
  const least = Math.max(slots, 1)
  if (meanRunMs === undefined) return least
  return Math.min(most, Math.max(least, Math.ceil((slots * TOP_UP_MS) / Math.max(meanRunMs, 0.01))))
}

/** Weight of the newest run in the mean. */
const NEWEST = 0.1

/** How long this process' runs of each queue take, as a moving mean. */
export function createPace() {
  const means = new Map<string, number>()
  return {
    ran(queue: string, ms: number): void {
      const mean = means.get(queue)
      means.set(queue, mean === undefined ? ms : mean + (ms - mean) * NEWEST)
    },
    meanMs: (queue: string): number | undefined => means.get(queue),
  }
}

export type Pace = ReturnType<typeof createPace>
