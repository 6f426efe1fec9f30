import { defineJob, type Lane } from '@app/contracts'
import { defineWorker, type Job, type RunContext, type Worker } from '@app/jobs'
import { abortableDelay, FatalError, RetryLaterError } from '@app/runtime'
import { z } from 'zod'
import type { Row } from '../model/postgres.ts'
import { lanesOf } from '../model/simulated-bus.ts'
import type { SavingTransaction } from '../model/simulated-job-store.ts'

/** What a job of the simulation does besides taking its time. */
const Input = z.object({
  lastsMs: z.number(),
  /** Runs that fail first; saving does where it says so. */
  fails: z.number(),
  failsInSave: z.boolean(),
  /** Is put off this often. */
  snoozes: z.number(),
  fatal: z.boolean(),
  /** Ends every process that runs it. */
  poison: z.boolean(),
})
export type Input = z.infer<typeof Input>

const nothing = z.object({})
const shape = {
  queue: 'sim',
  input: Input,
  result: nothing,
  output: nothing,
  firstRetryMs: 500,
  mostRetryMs: 4_000,
}

/** One type saves rows of its own, the other's completions share transactions. */
export const SAVED = defineJob('sim', { ...shape })
export const PLAIN = defineJob('sim-plain', { ...shape, queue: 'sim-plain' })

/** What those who watch are told by the jobs themselves. */
export interface Stage {
  /** Returns how to say that the run has ended. */
  began: (job: Job<Input>) => () => void
  killProcess: () => void
  /** How often each was put off, in whatever process. */
  snoozed: Map<string, number>
}

/** The workers of one process, for these types. */
export function workersOn(stage: Stage, types: ReadonlySet<string>): Worker<undefined>[] {
  const run = async (job: Job<Input>, _deps: undefined, context: RunContext) => {
    const ended = stage.began(job)
    try {
      return await perform(job, context.signal)
    } finally {
      ended()
    }
  }

  async function perform(
    { id, input, attempt }: Job<Input>,
    signal: AbortSignal,
  ): Promise<Record<string, never>> {
    await abortableDelay(input.lastsMs, signal)
    if (input.poison) stage.killProcess()
    if (input.fatal) throw new FatalError('sim-intended', 'always fails')
    const before = stage.snoozed.get(id) ?? 0
    if (before < input.snoozes) {
      stage.snoozed.set(id, before + 1)
      throw new RetryLaterError('sim-later', 'not now', { retryAfterMs: 700 })
    }
    if (!input.failsInSave && attempt <= input.fails) throw new Error('fails')
    return {}
  }

  const workers = [
    defineWorker(SAVED, {
      run,
      async save(trx, { id, fence, input, attempt }) {
        await (trx as unknown as SavingTransaction).save({ jobId: id, fence })
        if (input.failsInSave && attempt <= input.fails) throw new Error('saving fails')
        return {}
      },
    }),
    defineWorker(PLAIN, { run }),
  ]
  return workers.filter(({ definition }) => types.has(definition.name))
}

/** The streams of both, highest lane first. */
export const STREAMS = [SAVED, PLAIN].flatMap(({ queue }) => lanesOf(queue))

export interface PlannedRow {
  /** When it is inserted, together with all that it waits for. */
  atMs: number
  type: 'sim' | 'sim-plain'
  lane: Lane
  input: Input
  dependsOn: readonly number[]
}

const LANES: readonly Lane[] = ['high', 'normal', 'normal', 'low']

/** Some jobs, of which some wait for others: two siblings that end together more often than not. */
export function planRows(
  random: () => number,
  { untilMs, isBusy }: { untilMs: number; isBusy: boolean },
): PlannedRow[] {
  const below = (most: number): number => Math.floor(random() * most)
  const type = random() < 0.65 ? ('sim' as const) : ('sim-plain' as const)
  // One more queue makes a simulation take half as long again.
  const other = random() < 0.15 ? ('sim-plain' as const) : type
  const lastsMs = [0, 5, 300, 1_500, 4_000, 13_500][below(6)] ?? 0
  const count = 2 + below(3)
  const rows = Array.from({ length: count }, (_, index): PlannedRow => {
    const isLast = index === count - 1
    const others = Array.from({ length: index }, (__, other) => other)
    return {
      atMs: 0,
      type: random() < 0.7 ? type : other,
      lane: LANES[below(4)] ?? 'normal',
      input: inputOf(random, index < 2 ? lastsMs : (below(4) * lastsMs) / 3),
      dependsOn: isLast ? others.slice(0, 2 + below(3)) : others.filter(() => random() < 0.1),
    }
  })
  // So busy that whoever comes back always finds something to take.
  const [late, mostMs] = isBusy ? [8, 12_000] : [Math.floor(random() * 2), 3_000]
  for (let more = late; more > 0; more -= 1)
    rows.push(lateRow(random, { type, atMs: random() * untilMs, lastsMs: random() * mostMs }))
  return rows
}

/** One by itself, when the others may have ended and everybody waits. */
const lateRow = (
  random: () => number,
  { type, atMs, lastsMs }: Pick<PlannedRow, 'type' | 'atMs'> & Pick<Input, 'lastsMs'>,
): PlannedRow => ({
  ...{ atMs, type, lane: 'normal', dependsOn: [] },
  input: inputOf(random, lastsMs),
})

function inputOf(random: () => number, lastsMs: number): Input {
  const kind = random()
  return {
    lastsMs,
    fails: kind < 0.25 ? 1 + Math.floor(random() * 2) : 0,
    failsInSave: random() < 0.3,
    snoozes: kind > 0.93 ? 1 : 0,
    fatal: kind > 0.88 && kind < 0.9,
    poison: kind > 0.86 && kind < 0.865,
  }
}

const idOf = (index: number): string => `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`
export const nameOf = (id: string): string => `job ${Number(id.slice(-6))}`

/** A row by its place in the plan. */
type Placed = readonly [index: number, row: PlannedRow]

/** Rows as `insertJobs` writes them. */
export const rowsOf = (planned: readonly Placed[], nowMs: number): Row[] =>
  planned.map(([index, { type, lane, input, dependsOn }]) => ({
    ...{ id: idOf(index), type, version: 1, queue: type, lane, input, max_attempts: 3 },
    owner_id: OWNERS[index % OWNERS.length] ?? '',
    status: dependsOn.length === 0 ? 'queued' : 'pending',
    waiting_on: dependsOn.length,
    ...COUNTERS,
    ...{ run_at: nowMs, updated_at: nowMs },
  }))

export const edgesOf = (planned: readonly Placed[]): [string, string][] =>
  planned.flatMap(([index, { dependsOn }]) =>
    dependsOn.map((other): [string, string] => [idOf(index), idOf(other)]),
  )

const OWNERS = [1, 2].map((owner) => `00000000-0000-4000-9000-${String(owner).padStart(12, '0')}`)

const COUNTERS = {
  ...{ fence: 0, attempts: 0, crashes: 0, crashes_alone: 0, alone: false, hand_backs: 0, snoozes: 0 },
  ...{
    deliveries: 0,
    worker_id: null,
    entry_id: null,
    dispatch_after: null,
    dispatched_at: null,
    started_at: null,
  },
}
