import { durationText } from '../results/durations.ts'
import { isComplete, meanWordErrorRate } from '../results/outcome.ts'
import { TOLERANCE_MS } from '../results/plan-report.ts'
import type { Painted } from '../screen/painted.ts'
import type { RoundOutcome } from './rounds.ts'

/** What each provider made of the same book, a line for each. */
export function planComparison(rounds: readonly RoundOutcome[]): Painted[] {
  return [
    [],
    [['bold', 'What each gave']],
    [['dim', `  ${row('speech', 'language', 'jobs', 'misheard', 'search', 'time')}`]],
    ...rounds.map((round): Painted => {
      const { book, jobs, chapters, seconds } = round.outcome
      const heard = book.chapters[0]?.transcript
      const rate = meanWordErrorRate(chapters)
      const line = row(
        heard ? `${heard.provider} ${heard.model}` : round.speech,
        book.summary ? `${book.summary.provider} ${book.summary.model}` : round.language,
        `${jobs.completed_jobs} of ${jobs.total_jobs}`,
        rate === undefined ? '' : `${(rate * 100).toFixed(1)} %`,
        searchOf(round),
        durationText(seconds * 1000),
      )
      return ['  ', [isComplete(round.outcome) ? 'green' : 'red', line]]
    }),
  ]
}

function row(...cells: [string, string, string, string, string, string]): string {
  const widths = [30, 28, 8, 9, 8, 6]
  return cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join(' ')
    .trimEnd()
}

function searchOf({ outcome: { search } }: RoundOutcome): string {
  const found = search?.found.both
  if (!search || !found) return 'none'
  const isThere = found.chapter === search.expected.chapter
  return isThere && Math.abs(found.startMs - search.expected.startMs) <= TOLERANCE_MS ? 'found' : 'astray'
}
