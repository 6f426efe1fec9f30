/** How some tests went: those that failed or were skipped by name. */
export interface Tally {
  passed: number
  failures: string[]
  skips: string[]
}

export function addUp(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, tally) => sum + tally.passed, 0),
    failures: tallies.flatMap((tally) => tally.failures),
    skips: tallies.flatMap((tally) => tally.skips),
  }
}

/** Alone on the last line, so that people and programs find it. */
export function closingLine({ passed, failures, skips }: Tally): string {
  const line = `${passed} passed, ${failures.length} failed`
  return skips.length > 0 ? `${line}, ${skips.length} skipped` : line
}

/** A run in which nothing ran has shown nothing. */
export function isGreen({ passed, failures }: Tally): boolean {
  return passed > 0 && failures.length === 0
}
