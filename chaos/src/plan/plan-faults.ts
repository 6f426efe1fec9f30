/** Everything that is done to the processes, the servers and the connections between them. */
export const FAULT_KINDS = [
  'kill-worker',
  'stop-worker',
  'freeze-worker',
  'swap-version',
  'kill-dispatcher',
  'stop-dispatcher',
  'kill-redis',
  'flush-redis',
  'delete-stream',
  'delete-group',
  'restart-postgres',
  'cut',
  'cut-after-request',
  'delay',
  'drop',
  'block-event-loop',
  'exit-process',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export interface PlannedFault {
  /** From the start of the campaign. */
  atMs: number
  kind: FaultKind
  /** From 0 up to 1: which of those that it may hit. */
  pick: number
  /** From 0 up to 1: which of its forms, where it has several. */
  form: number
  /** Of a fault that lasts; 0 of one that is over at once. */
  durationMs: number
}

/** What a lease lasts, in libs/jobs. Faults that are to outlast it do so by a second at least. */
export const LEASE_MS = 12_000
const PERIOD_MS = 180_000
/** Two kills a period with nothing else around them: how long a restart takes is read from these. */
const CALM_KILLS = 2
const CALM_GAP_MS = LEASE_MS + 4_000
const WARM_UP_MS = 6_000
/** For what a storm has left to end, so that a killed worker's jobs find a process that is free. */
const AFTER_STORM_MS = 30_000
/** Between faults of a storm: one in less than two seconds on average. */
const GAP_MS = [1_000, 2_700] as const
/** A poisonous job kills its process some four times, a lease apart: begun late, it would spoil the next calm. */
const POISON_BY_MS = 70_000

const WEIGHTS: Record<FaultKind, number> = {
  'kill-worker': 3,
  'stop-worker': 2,
  'freeze-worker': 2,
  'swap-version': 1,
  'kill-dispatcher': 1,
  'stop-dispatcher': 1,
  'kill-redis': 2,
  'flush-redis': 2,
  'delete-stream': 2,
  'delete-group': 1,
  'restart-postgres': 2,
  cut: 4,
  'cut-after-request': 7,
  delay: 3,
  drop: 3,
  'block-event-loop': 1,
  'exit-process': 0.5,
}

const DURATIONS_MS: Partial<Record<FaultKind, readonly [least: number, most: number]>> = {
  'freeze-worker': [LEASE_MS + 1_000, LEASE_MS + 8_000],
  'kill-redis': [0, 4_000],
  'restart-postgres': [0, 4_000],
  delay: [2_000, 6_000],
  drop: [1_000, LEASE_MS + 4_000],
  'block-event-loop': [LEASE_MS + 1_000, LEASE_MS + 6_000],
}

/** A time with nothing but kills, a lease and more apart. */
export interface Calm {
  fromMs: number
  killsMs: number[]
  toMs: number
}

/**
 * The campaign's faults, in order: at least one for every three seconds, every kind once before any comes twice.
 * Each three minutes begin with kills that have nothing else around them; the rest is a storm. `random` gives numbers
 * from 0 up to 1.
 */
export function planFaults(seconds: number, random: () => number): PlannedFault[] {
  const endMs = seconds * 1_000
  const calms = planCalms(seconds)
  const deck = shuffled(FAULT_KINDS, random)
  const faults: PlannedFault[] = []
  for (let beginMs = 0; beginMs < endMs; beginMs += PERIOD_MS) {
    const calm = calms.find(({ fromMs }) => fromMs === beginMs)
    const untilMs = Math.min(beginMs + PERIOD_MS, endMs)
    for (const atMs of calm?.killsMs ?? []) faults.push(faultAt(atMs, 'kill-worker', random))
    faults.push(...storm({ stormMs: calm?.toMs ?? beginMs, untilMs, deck }, random))
  }
  return faults
}

/** When all is calm but for kills; not in a period too short for a storm beside it. */
export function planCalms(seconds: number): Calm[] {
  const endMs = seconds * 1_000
  const calms: Calm[] = []
  for (let fromMs = 0; fromMs < endMs; fromMs += PERIOD_MS) {
    const firstMs = fromMs + (fromMs === 0 ? WARM_UP_MS : AFTER_STORM_MS)
    const killsMs = Array.from({ length: CALM_KILLS }, (_, index) => firstMs + index * CALM_GAP_MS)
    const toMs = firstMs + CALM_KILLS * CALM_GAP_MS
    if (2 * (toMs - fromMs) <= endMs - fromMs) calms.push({ fromMs, killsMs, toMs })
  }
  return calms
}

interface Storm {
  stormMs: number
  untilMs: number
  /** Kinds that have not come yet; dealt from its end. */
  deck: FaultKind[]
}

function storm({ stormMs, untilMs, deck }: Storm, random: () => number): PlannedFault[] {
  const faults: PlannedFault[] = []
  for (let atMs = stormMs; atMs < untilMs; atMs += between(GAP_MS, random)) {
    const fits = (kind: FaultKind) =>
      atMs + (DURATIONS_MS[kind]?.[1] ?? 0) <= untilMs &&
      (kind !== 'exit-process' || atMs <= stormMs + POISON_BY_MS)
    faults.push(faultAt(atMs, deck.pop() ?? weighted(FAULT_KINDS.filter(fits), random), random))
  }
  return faults
}

function faultAt(atMs: number, kind: FaultKind, random: () => number): PlannedFault {
  const lasts = DURATIONS_MS[kind]
  return {
    atMs: Math.floor(atMs),
    kind,
    pick: random(),
    form: random(),
    durationMs: lasts ? Math.round(between(lasts, random)) : 0,
  }
}

function weighted(kinds: readonly FaultKind[], random: () => number): FaultKind {
  let left = random() * kinds.reduce((sum, kind) => sum + WEIGHTS[kind], 0)
  for (const kind of kinds) {
    left -= WEIGHTS[kind]
    if (left < 0) return kind
  }
  return 'cut'
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

const between = ([least, most]: readonly [number, number], random: () => number): number =>
  least + random() * (most - least)
