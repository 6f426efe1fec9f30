import type { Result } from '../run-rows.ts'
import { figuresOf, type Measurement, percent, shortfall } from './assess.ts'

/** For a person: each metric with the median and range of everybody, then a line for all that falls short. */
export function formatResults(results: readonly Result[]): string[] {
  const width = Math.max(
    ...results.flatMap(({ measurements }) => namesOf(measurements).map((it) => it.length)),
  )
  const missed = results.flatMap(({ measurements }) => measurements.filter(({ meets }) => !meets))
  return [...results.flatMap((result) => [...formatResult(result, width), '']), ...missed.map(formatMiss)]
}

const namesOf = ([first]: readonly Measurement[]): string[] =>
  first ? [...new Set([...Object.keys(first.runs), ...Object.keys(first.peers)])] : []

function formatResult({ metric, measurements }: Result, width: number): string[] {
  const lines = namesOf(measurements).map((name) => {
    const bar = measurements.find(({ against }) => against === name)
    return `  ${name.padEnd(width)}  ${spread(measurements[0]?.runs[name]).padEnd(36)}${bar ? verdict(bar) : ''}`.trimEnd()
  })
  return [`${metric.name} (${metric.unit}, ${metric.better} is better)`, ...lines]
}

function spread(runs: readonly number[] | undefined): string {
  if (!runs) return ''
  const { median, least, most } = figuresOf(runs)
  const range = runs.length > 1 ? `  (${readable(least)} to ${readable(most)})` : ''
  return `${readable(median).padStart(10)}${range}`
}

function verdict({ ratio, bar, better, meets, void: reason }: Measurement): string {
  const sign = better === 'higher' ? '≥' : '≤'
  return `${ratio.toFixed(2)} × (${sign} ${bar})  ${reason ? 'void' : meets ? 'met' : 'FALLS SHORT'}`
}

function formatMiss(measurement: Measurement): string {
  const { name, ratio, bar, against, void: reason } = measurement
  if (reason) return `Void: ${name}: ${reason}. Ours reached ${ratio.toFixed(2)} × (bar: ${bar} ×).`
  const by = percent(shortfall(measurement))
  return `Falls short: ${name}: ${ratio.toFixed(2)} × ${against}, where the bar is ${bar} ×: by ${by}.`
}

function readable(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 1_000 ? 1 : 0 })
}
