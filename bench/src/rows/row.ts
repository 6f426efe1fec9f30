import type { Entry } from '../contest/contestant.ts'
import type { KnownFigures, Metric } from '../report/assess.ts'

/** One line of the table of bars: who takes part, and what is compared. Ours goes by the name `ours`. */
export interface Row {
  title: string
  entries: Readonly<Record<string, Entry>>
  metrics: readonly Metric[]
  /** What peers reached where the bars were set. */
  known?: KnownFigures
}
