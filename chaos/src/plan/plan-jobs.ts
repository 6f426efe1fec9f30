import type { PlannedJob } from '@app/flows'
import type { ChaosJobInput } from '../jobs/definitions.ts'

export type ChaosJob = PlannedJob<'chaos-work' | 'chaos-upgraded'> & { input: ChaosJobInput }

/** Jobs that the driver inserts in one transaction. */
export interface PlannedGraph {
  /** From the start of the campaign. */
  atMs: number
  jobs: ChaosJob[]
}

export interface JobPlan {
  random: () => number
  newId: () => string
}

const GAP_MS = [300, 1_000] as const
const LONGEST_MS = 30_000
/** At the beginning there shall be work for the first kills to interrupt. */
const FIRST_JOBS = 10

/**
 * What the driver inserts in this time: mostly single jobs of mixed lengths, most of them short; some fail, some
 * are chains and fans whose later jobs wait for the earlier ones.
 */
export function planJobs(seconds: number, { random, newId }: JobPlan): PlannedGraph[] {
  const endMs = seconds * 1_000
  const first = Array.from({ length: FIRST_JOBS }, (_, index) => [
    job({ key: `first ${index}`, lastsMs: 5_000 + random() * 20_000 }, { random, newId }),
  ])
  const graphs = first.map((jobs) => ({ atMs: 0, jobs }))
  const deck = [...KINDS]
  for (let atMs = 1_000; atMs < endMs; atMs += between(GAP_MS, random)) {
    const kind = deck.pop() ?? KINDS[Math.floor(random() * KINDS.length)] ?? single
    graphs.push({ atMs: Math.round(atMs), jobs: kind({ random, newId }, endMs - atMs) })
  }
  return graphs
}

type Kind = (plan: JobPlan, leftMs: number) => ChaosJob[]

const single: Kind = (plan, leftMs) => [job({ key: 'single', lastsMs: lengthMs(plan.random, leftMs) }, plan)]

const long: Kind = (plan, leftMs) => [
  job({ key: 'long', lastsMs: Math.min(LONGEST_MS * (0.5 + plan.random() / 2), leftMs) }, plan),
]

const failing: Kind = (plan) => [
  job({ key: 'fails twice', behaviour: 'fail-twice', lastsMs: plan.random() * 1_000 }, plan),
]

const hopeless: Kind = (plan) => [job({ key: 'always fails', behaviour: 'always-fail', lastsMs: 0 }, plan)]

/** Only the newer workers know this version. */
const upgraded: Kind = (plan) => [
  job({ key: 'upgraded', type: 'chaos-upgraded', lastsMs: plan.random() * 2_000 }, plan),
]

const chain: Kind = (plan) => {
  const keys = ['chain 1', 'chain 2', 'chain 3']
  return keys.map((key, index) => {
    const dependsOn = keys.slice(Math.max(index - 1, 0), index)
    return job({ key, dependsOn, lastsMs: plan.random() * 1_500 }, plan)
  })
}

/** Siblings that may end together, and what waits for all of them. */
const fan: Kind = (plan) => {
  const siblings = ['fan 1', 'fan 2', 'fan 3']
  const lastsMs = plan.random() * 1_500
  return [
    ...siblings.map((key) => job({ key, lastsMs }, plan)),
    job({ key: 'after the fan', dependsOn: siblings, lastsMs: 0 }, plan),
  ]
}

/** As often as each stands here; the last ones first. */
const KINDS: readonly Kind[] = [
  ...Array.from({ length: 9 }, () => single),
  ...[long, upgraded, upgraded, failing, hopeless, chain, fan],
  ...[long, upgraded, failing, hopeless, chain, fan],
]

interface JobShape {
  key: string
  lastsMs: number
  type?: ChaosJob['type']
  behaviour?: ChaosJobInput['behaviour']
  dependsOn?: readonly string[]
}

/** One job of the campaign as the driver inserts it. */
export function job(
  { key, lastsMs, type = 'chaos-work', behaviour = 'plain', dependsOn = [] }: JobShape,
  { random, newId }: JobPlan,
): ChaosJob {
  return {
    key,
    type,
    lane: (['high', 'normal', 'normal', 'low'] as const)[Math.floor(random() * 4)] ?? 'normal',
    subjectKind: 'chaos',
    subjectId: newId(),
    ownerId: newId(),
    input: { behaviour, lastsMs: Math.round(lastsMs) },
    dependsOn,
  }
}

/** Four of five last under two seconds, one of twenty up to ten; never much longer than faults still come. */
function lengthMs(random: () => number, leftMs: number): number {
  const draw = random()
  const mostMs = draw < 0.8 ? 2_000 : draw < 0.95 ? 5_000 : 10_000
  return Math.min(random() * mostMs, leftMs + 2_000)
}

const between = ([least, most]: readonly [number, number], random: () => number): number =>
  least + random() * (most - least)
