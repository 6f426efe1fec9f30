const DAY_MS = 86_400_000
const USUAL_DAYS = 30

/** The days of UTC that are asked about, both included: the last thirty, where nothing is said. */
export function spanOf(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  now: Date,
): { from: string; to: string } {
  const last = to ?? dayOf(now.getTime())
  return { from: from ?? dayOf(Date.parse(last) - (USUAL_DAYS - 1) * DAY_MS), to: last }
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
