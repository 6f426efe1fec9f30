import type { PlannedJob } from '@app/flows'
import type { ChaosJobInput } from '../jobs/definitions.ts'
import { planCalms } from './plan-faults.ts'

export type ChaosJob = PlannedJob<'chaos-work' | 'chaos-upgraded'> & { input: ChaosJobInput }

/** Jobs that the driver inserts in one transaction. */
export interface PlannedGraph {
  /** From the start of the campaign. */
  atMs: number
  jobs: ChaosJob[]
}

export interface JobPlan {
  workers: number
  random: () => number
  newId: () => string
}

const GAP_MS = [300, 1_000] as const
const LONGEST_MS = 30_000
/** Before a kill in a calm there is work for it to interrupt, over when the lease is: so whoever takes it on is free. */
const BEFORE_KILL_MS = 2_500
const PROBE_MS = [5_000, 8_000] as const

/**
 * What the driver inserts in this time: mostly single jobs of mixed lengths, most of them short; some fail, some
 * are chains and fans whose later jobs wait for the earlier ones. In a calm there are few and short ones.
 */
export function planJobs(seconds: number, plan: JobPlan): PlannedGraph[] {
  const endMs = seconds * 1_000
  const calms = planCalms(seconds)
  const deck = [...KINDS]
  const graphs = calms.flatMap(({ killsMs }) => killsMs.map((atMs) => probes(atMs - BEFORE_KILL_MS, plan)))
  for (let atMs = 0; atMs < endMs; atMs += between(GAP_MS, plan.random)) {
    const isCalm = calms.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)
    const kind = isCalm ? short : (deck.pop() ?? KINDS[Math.floor(plan.random() * KINDS.length)] ?? single)
    graphs.push({ atMs: Math.floor(atMs), jobs: kind(plan, endMs - atMs) })
  }
  return graphs.sort((a, b) => a.atMs - b.atMs)
}

/** One for each worker, whoever gets them. */
function probes(atMs: number, plan: JobPlan): PlannedGraph {
  const jobs = Array.from({ length: plan.workers }, (_, index) =>
    job({ key: `probe ${index}`, lastsMs: between(PROBE_MS, plan.random) }, plan),
  )
  return { atMs, jobs }
}

type Kind = (plan: JobPlan, leftMs: number) => ChaosJob[]

const short: Kind = (plan) => [job({ key: 'short', lastsMs: plan.random() * 300 }, plan)]

const single: Kind = (plan, leftMs) => [job({ key: 'single', lastsMs: lengthMs(plan.random, leftMs) }, plan)]

const long: Kind = (plan, leftMs) => [
  job({ key: 'long', lastsMs: Math.min(LONGEST_MS * (0.5 + plan.random() / 2), leftMs) }, plan),
]

const failing: Kind = (plan) => [
  job({ key: 'fails twice', behaviour: 'fail-twice', lastsMs: plan.random() * 1_000 }, plan),
]

const stepwise: Kind = (plan) => [
  job({ key: 'steps', behaviour: 'steps', lastsMs: 2_000 + plan.random() * 8_000 }, plan),
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
  ...[long, upgraded, upgraded, failing, hopeless, chain, fan, stepwise],
  ...[long, upgraded, failing, hopeless, chain, fan, stepwise],
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
  { random, newId }: Pick<JobPlan, 'random' | 'newId'>,
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
