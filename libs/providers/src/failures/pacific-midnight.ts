/** Made when it is needed, which is rare: the first one of a process costs it 30 to 50 ms. */
const pacificClock = () =>
  new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/Los_Angeles',
    ...{ hourCycle: 'h23', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
const DAY_MS = 86_400_000
/** The clocks of two companies, and a day of 25 hours, are met by asking again. */
const MARGIN_MS = 60_000

/** Milliseconds until Google's day ends, and a minute. */
export function untilPacificMidnight(nowMs: number): number {
  const parts = new Map(
    pacificClock()
      .formatToParts(nowMs)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const sinceMidnightS =
    (parts.get('hour') ?? 0) * 3_600 + (parts.get('minute') ?? 0) * 60 + (parts.get('second') ?? 0)
  return DAY_MS - sinceMidnightS * 1_000 + MARGIN_MS
}
