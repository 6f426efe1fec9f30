import { expect, it } from 'vitest'
import type { DoneFault } from '../faults/fault-log.ts'
import { type Move, percentile, restartTimes } from './restart-times.ts'

const T = 100_000
const kill: DoneFault = { kind: 'kill-worker', what: 'worker-1', fromMs: T, toMs: T, pid: 11 }
const move = (atMs: number, status: string, pid?: number, jobId = 'a'): Move => ({
  jobId,
  status,
  workerId: pid === undefined ? null : `chaos-host-${pid}-ab12cd34`,
  atMs,
})
const start = (atMs: number, pid: number, jobId = 'a') => ({ jobId, pid, atMs })
const lifetimes = [
  { pid: 11, fromMs: 0, toMs: T },
  { pid: 12, fromMs: 0, toMs: Number.POSITIVE_INFINITY },
]
const evidence = {
  faults: [kill],
  moves: [move(T - 500, 'running', 11), move(T + 12_500, 'running', 12), move(T + 14_000, 'completed', 12)],
  starts: [start(T - 490, 11), start(T + 13_200, 12)],
  lifetimes,
}

it('measures from the kill of a process to the run of its job in another', () => {
  expect(restartTimes(evidence)).toEqual([13_200])
})

it('knows a job of the killed process from one that was elsewhere or over', () => {
  const moves = [
    move(T - 900, 'running', 11),
    move(T - 500, 'completed', 11),
    move(T - 500, 'running', 12, 'b'),
    move(T + 500, 'queued', undefined, 'b'),
    move(T + 900, 'running', 12, 'b'),
  ]
  const starts = [start(T - 900, 11), start(T - 500, 12, 'b'), start(T + 900, 12, 'b')]

  expect(restartTimes({ ...evidence, moves, starts })).toEqual([])
})

it.each([
  ['shortly before', { fromMs: T - 11_000, toMs: T - 11_000 }],
  ['that still lasts', { fromMs: T - 60_000, toMs: T + 1 }],
  ['while its lease runs out', { fromMs: T + 11_000, toMs: T + 11_000 }],
  ['just before the restart', { fromMs: T + 13_000, toMs: T + 13_000 }],
])('leaves out a kill with another fault %s', (_, times) => {
  const other: DoneFault = { kind: 'cut', what: '', ...times }

  expect(restartTimes({ ...evidence, faults: [other, kill] })).toEqual([])
})

it('keeps a kill with other faults further away than a lease', () => {
  const before: DoneFault = { kind: 'cut', what: '', fromMs: T - 13_000, toMs: T - 12_500 }
  const after: DoneFault = { kind: 'cut', what: '', fromMs: T + 13_500, toMs: T + 14_000 }

  expect(restartTimes({ ...evidence, faults: [before, kill, after] })).toEqual([13_200])
})

it('leaves out a kill after which nobody was free to run its jobs', () => {
  const busy = move(T - 10_000, 'running', 12, 'b')
  const done = move(T + 11_000, 'completed', 12, 'b')

  expect(restartTimes({ ...evidence, moves: [busy, ...evidence.moves] })).toEqual([])
  expect(restartTimes({ ...evidence, moves: [busy, done, ...evidence.moves] })).toEqual([13_200])
})

it('leaves out a kill with more jobs than others were free', () => {
  const moves = [...evidence.moves, move(T - 400, 'running', 11, 'b'), move(T + 14_500, 'running', 12, 'b')]
  const starts = [...evidence.starts, start(T + 14_500, 12, 'b')]
  const third = { pid: 13, fromMs: 0, toMs: Number.POSITIVE_INFINITY }

  expect(restartTimes({ ...evidence, moves, starts })).toEqual([])
  expect(restartTimes({ ...evidence, moves, starts, lifetimes: [...lifetimes, third] })).toEqual([
    13_200, 14_500,
  ])
})

it('gives percentiles that occurred', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index)

  expect(percentile(values, 0.5)).toBe(100)
  expect(percentile(values, 0.99)).toBe(198)
  expect(percentile([], 0.5)).toBeNull()
})
