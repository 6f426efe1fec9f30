import type { Strike } from '../engine/link.ts'

/** What may happen at a time of its own; everything else happens between a request and its answer. */
export const EVENTS = [
  'kill',
  'stop',
  'freeze',
  'seem-dead',
  'block-event-loop',
  'cut-redis',
  'cut-postgres',
  'redis-away',
  'flush-redis',
  'delete-stream',
  'delete-group',
  'redis-clock-jumps',
  'postgres-clock-jumps',
  'postgres-crashes',
  'cancel',
] as const
export type EventKind = (typeof EVENTS)[number]

export interface StormEvent {
  atMs: number
  kind: EventKind
  /** From 0 up to 1: whom or how long. */
  pick: number
}

export interface Storm {
  processes: number
  /** Nothing breaks any more from here on. */
  untilMs: number
  events: readonly StormEvent[]
  /** What may happen at an await, how likely, and how often in all. */
  strikes: readonly Strike[]
  perAwait: number
  mostStrikes: number
  /** Messages that take up to seconds. */
  slowShare: number
  /** Without it where nothing happens that only it can mend: then everything must end all the same. */
  withReconciler: boolean
  /** How often each process sweeps dead consumers; undefined for never. */
  sweepEveryMs: number | undefined
}

interface Family {
  events: readonly EventKind[]
  strikes: readonly Strike[]
  /** Redis or the network loses what only comparing with Postgres finds. */
  needsReconciler: boolean
}

const FAMILIES: readonly Family[] = [
  { events: ['kill', 'kill', 'stop'], strikes: ['kill-before', 'kill-after'], needsReconciler: false },
  {
    events: ['freeze', 'freeze', 'block-event-loop'],
    strikes: ['freeze-before', 'freeze-after'],
    needsReconciler: false,
  },
  {
    events: ['cut-redis', 'cut-postgres', 'redis-away'],
    strikes: ['lose-request', 'lose-answer', 'lose-answer'],
    needsReconciler: true,
  },
  { events: ['flush-redis', 'delete-stream', 'delete-group'], strikes: [], needsReconciler: true },
  { events: ['postgres-crashes'], strikes: ['lose-answer'], needsReconciler: true },
  { events: ['redis-clock-jumps', 'postgres-clock-jumps', 'cancel'], strikes: [], needsReconciler: true },
]

/** Each seed has some kinds of trouble and not the others: what always comes together hides what comes of one alone. */
export function planStorm(random: () => number): Storm {
  // Some with processes that come and go, and nothing else: those must end without anybody who puts things right.
  const all = random() < 0.35 ? FAMILIES.filter(({ needsReconciler }) => !needsReconciler) : FAMILIES
  const families = all.filter(() => random() < 0.5)
  const isSwept = random() < 0.1
  // Long enough for somebody to be taken for dead and to come back.
  const untilMs = isSwept ? 15_000 + random() * 15_000 : 3_000 + random() * 12_000
  const drawn = families.flatMap(({ events }) => events)
  const kinds = drawn.length === 0 ? [] : Array.from({ length: random() * 5 }, () => pickOf(drawn, random()))
  if (isSwept) kinds.push('seem-dead', 'seem-dead')
  const events = kinds.map((kind) => ({ atMs: random() * untilMs, kind, pick: random() }))
  return {
    processes: random() < 0.8 ? 2 : 3,
    untilMs,
    events,
    strikes: families.flatMap(({ strikes }) => strikes),
    perAwait: 0.002 + random() ** 3 * 0.05,
    mostStrikes: Math.floor(random() * 6),
    // A sweep that takes long has something to be too late for.
    slowShare: isSwept ? 0.3 : pickOf([0, 0, 0, 0.05], random()),
    withReconciler: families.some(({ needsReconciler }) => needsReconciler) || random() < 0.2,
    sweepEveryMs: isSwept ? 600 : undefined,
  }
}

export const pickOf = <T>(all: readonly T[], pick: number): T => all[Math.floor(pick * all.length)] as T
