/** What is compared, and what there is to reach. */
export interface Metric {
  name: string
  /** Which number of a sample. */
  key: string
  unit: string
  better: 'higher' | 'lower'
  bars: readonly Bar[]
}

export interface Bar {
  /** A contestant's name, or what a fixed limit is called. */
  against: string
  /** Ours must be at least (higher is better) or at most (lower is better) this many times the other's. */
  ratio: number
  /** Where it is no contestant's figure but a number. */
  limit?: number
}

/** What contestants reached where the bars were set; by their names, the same for every bar against them. */
export type KnownFigures = Readonly<Record<string, number>>

export interface Figures {
  median: number
  least: number
  most: number
}

/** One bar and how we stand to it. Everything is a median; `runs` has what it is the median of. */
export interface Measurement {
  name: string
  unit: string
  better: 'higher' | 'lower'
  ours: number
  peers: Record<string, number>
  against: string
  ratio: number
  bar: number
  meets: boolean
  /** Why this says nothing: the other did much worse than it can. Then `meets` is false. */
  void?: string
  runs: Record<string, number[]>
}

/** A contestant that does worse than its known figure by more than this proves nothing. */
const MOST_WORSE = 0.3

export function figuresOf(runs: readonly number[]): Figures {
  const sorted = runs.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [upper = Number.NaN, lower = Number.NaN] = [sorted[middle], sorted[middle - 1]]
  return {
    median: sorted.length % 2 === 1 ? upper : (lower + upper) / 2,
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
  }
}

/** One measurement for each of the metric's bars. `runs` has each contestant's numbers, ours under `ours`. */
export function assess(
  metric: Metric,
  runs: Record<string, number[]>,
  known: KnownFigures = {},
): Measurement[] {
  const medians = Object.fromEntries(
    Object.entries(runs).map(([name, numbers]) => [name, figuresOf(numbers).median]),
  )
  const { ours = Number.NaN, ...others } = medians
  return metric.bars.map(({ against, ratio: bar, limit }) => {
    const peers = limit === undefined ? others : { ...others, [against]: limit }
    const other = peers[against] ?? Number.NaN
    const ratio = ours / other
    const reason = voidReason(metric, against, other, known[against])
    return {
      name: metric.bars.length > 1 ? `${metric.name}, against ${against}` : metric.name,
      unit: metric.unit,
      better: metric.better,
      ours,
      peers,
      against,
      ratio,
      bar,
      meets: reason === undefined && (metric.better === 'higher' ? ratio >= bar : ratio <= bar),
      ...(reason === undefined ? {} : { void: reason }),
      runs,
    }
  })
}

function voidReason(metric: Metric, against: string, figure: number, known?: number): string | undefined {
  if (known === undefined) return undefined
  const worst = metric.better === 'higher' ? known * (1 - MOST_WORSE) : known * (1 + MOST_WORSE)
  const isWorse = metric.better === 'higher' ? figure < worst : figure > worst
  if (!isWorse) return undefined
  return `${against} did ${percent(Math.abs(figure / known - 1))} worse than its ${known} ${metric.unit}`
}

/** By how much a bar was missed, in percent of it: 0 where it was reached. */
export function shortfall({ ratio, bar, better }: Measurement): number {
  return Math.max(0, better === 'higher' ? 1 - ratio / bar : ratio / bar - 1)
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`
